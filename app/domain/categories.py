"""Benefit categories (domain.md 2.1) and what a roster's free text names of them.

A person may hold several. VETERAN is a legal status that several of the others imply; the rules
for that are the careful clerk's: what the text names, and never more than follows from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from app.domain.codes import LabelledCode
from app.domain.names import fold_width, strip_blanks


class BenefitCategory(LabelledCode):
    VETERAN = "VETERAN", "退役军人"
    ACTIVE_FAMILY = "ACTIVE_FAMILY", "现役军人家属"
    MARTYR_SURVIVOR = "MARTYR_SURVIVOR", "烈士遗属"
    DUTY_DEATH_SURVIVOR = "DUTY_DEATH_SURVIVOR", "因公牺牲军人遗属"
    ILLNESS_DEATH_SURVIVOR = "ILLNESS_DEATH_SURVIVOR", "病故军人遗属"
    DISABLED_MILITARY = "DISABLED_MILITARY", "残疾军人"
    DISABLED_OFFICIAL = "DISABLED_OFFICIAL", "伤残国家机关工作人员"
    DISABLED_POLICE = "DISABLED_POLICE", "伤残人民警察"
    DISABLED_MILITIA = "DISABLED_MILITIA", "伤残民兵民工"
    DISABLED_CIVILIAN = "DISABLED_CIVILIAN", "其他因战因公伤残人员"
    RURAL_DEMOBILIZED = "RURAL_DEMOBILIZED", "在乡复员军人"
    ILL_RETURNED = "ILL_RETURNED", "带病回乡退役军人"
    COMBAT_VETERAN = "COMBAT_VETERAN", "参战退役军人"
    NUCLEAR_TEST_VETERAN = "NUCLEAR_TEST_VETERAN", "参试退役军人"
    RURAL_SOLDIER_60 = "RURAL_SOLDIER_60", "农村籍退役士兵(60周岁以上)"
    MARTYR_CHILD_60 = "MARTYR_CHILD_60", "部分烈士子女(60周岁以上)"
    REHABILITATED_CHILD_60 = "REHABILITATED_CHILD_60", "错杀后被平反人员子女"
    LEGACY_OTHER = "LEGACY_OTHER", "三红、五老、港澳老战士"


_C = BenefitCategory
SURVIVORS = frozenset({_C.MARTYR_SURVIVOR, _C.DUTY_DEATH_SURVIVOR, _C.ILLNESS_DEATH_SURVIVOR})
DISABLED = frozenset(
    {
        _C.DISABLED_MILITARY,
        _C.DISABLED_OFFICIAL,
        _C.DISABLED_POLICE,
        _C.DISABLED_MILITIA,
        _C.DISABLED_CIVILIAN,
    }
)
IMPLY_VETERAN = frozenset(
    {_C.RURAL_DEMOBILIZED, _C.ILL_RETURNED, _C.COMBAT_VETERAN, _C.NUCLEAR_TEST_VETERAN, _C.RURAL_SOLDIER_60}
)
LEGACY_CODES = {
    "21": _C.MARTYR_SURVIVOR, "22": _C.DUTY_DEATH_SURVIVOR, "23": _C.ILLNESS_DEATH_SURVIVOR,
    "11": _C.DISABLED_MILITARY, "12": _C.DISABLED_OFFICIAL, "13": _C.DISABLED_POLICE,
    "14": _C.DISABLED_MILITIA, "15": _C.DISABLED_CIVILIAN, "41": _C.RURAL_DEMOBILIZED,
    "42": _C.ILL_RETURNED, "51": _C.COMBAT_VETERAN, "61": _C.NUCLEAR_TEST_VETERAN,
    "81": _C.RURAL_SOLDIER_60,
}  # fmt: skip

_KIN = "(?:遗属|家属|亲属|父母|父亲|母亲|配偶|妻子|遗孀|子女|属)"
# Whoever is named by a relation to a veteran is somebody else: 参战退役人员遗孀, 退役军人(家属).
_RELATIVE = (
    "(?:老?配偶|遗孀|遗属|家属|亲属|眷属|家庭|爱人|老伴|丈夫|妻子?|遗妻|前妻|寡妇|父母亲?|父亲|母亲|父|母"
    "|子女|儿子|女儿|子|女|儿媳|孙子|孙女)"
)
_VETERAN_WORD = (
    "(?:(?:退役|退伍|复员|转业|复转|军转|退休|离休|参战|参试|在乡|伤残|残疾|农村籍|(?:带|因)病(?:回|还|返)乡|老)+"
    "(?:军人|士兵|军士|士官|军官|干部|人员|兵|残军)*|自主择业|自主就业|老兵)"
)
# What follows a denial belongs to it up to the next sign: 不是退役军人, 未参战.
_DENIED = (
    r"(?:不是|不属于?|不算|不符合|不具备|不享受|并非|非|无|未|没有?|没参加过?)(?:属于?|参加过?|享受|是)?"
)
# A survivor's kind behind the word for all three: 三属(病故), 三属：烈士. It says how the soldier died.
_OF_THREE = "三属(?:人员|对象|遗属|家属)?的?[(\\[:/-]?"
_MILITARY = "(?:退役|退伍|复员|转业|参战|参试|核试验|残疾|伤残|烈|现役|军|在乡|带病|病故|因公|因战|农村籍)"
# In order: what an earlier pattern takes, a later one does not see. None: named, but a person must say which.
_PATTERNS: tuple[tuple[re.Pattern[str], tuple[BenefitCategory, ...] | None], ...] = tuple(
    (re.compile(pattern), found)
    for pattern, found in (
        (rf"{_DENIED}(?={_MILITARY})[^,;、/。]*", ()),  # said not to be one
        (r"军烈属|烈军属", None),  # either of two: a person must say which
        (rf"{_OF_THREE}烈士?(?:的)?{_KIN}?", (_C.MARTYR_SURVIVOR,)),
        (rf"{_OF_THREE}(?:因公(?:牺牲)?|牺牲)(?:的)?(?:军人)?(?:的)?{_KIN}?", (_C.DUTY_DEATH_SURVIVOR,)),
        (rf"{_OF_THREE}(?:因?病故?)(?:的)?(?:军人)?(?:的)?{_KIN}?", (_C.ILLNESS_DEATH_SURVIVOR,)),
        (rf"{_VETERAN_WORD}(?:的|之)?[(:]?{_RELATIVE}(?=[),;、/。|]|$)", None),
        (r"烈士(?:的)?子女\(?含[^)]*\)?", (_C.MARTYR_CHILD_60,)),
        (r"错杀[^,;、]*?子女|平反人员(?:的)?子女", (_C.REHABILITATED_CHILD_60,)),
        (r"烈士(?:的)?子女", (_C.MARTYR_CHILD_60,)),
        (rf"烈士(?:的)?{_KIN}|烈属", (_C.MARTYR_SURVIVOR,)),
        (rf"因公牺牲(?:的)?(?:军人)?(?:的)?{_KIN}?|牺牲军人{_KIN}", (_C.DUTY_DEATH_SURVIVOR,)),
        (rf"病故(?:的)?(?:军人(?:的)?{_KIN}?|{_KIN})", (_C.ILLNESS_DEATH_SURVIVOR,)),
        (r"病故", None),  # his own death, or the soldier's whose family he is
        (r"伤残(?:国家)?(?:机关工作人员|公务员)", (_C.DISABLED_OFFICIAL,)),
        (r"(?:伤残|残疾)(?:人民)?警察", (_C.DISABLED_POLICE,)),
        (r"(?:伤残|残疾|参战伤残)(?:民兵民工|民兵|民工)", (_C.DISABLED_MILITIA,)),
        (r"其他(?:因战因公)?(?:伤残|残疾)人员|因战因公伤残人员", (_C.DISABLED_CIVILIAN,)),
        (
            r"退役(?:的)?(?:残疾|伤残)(?:军人|士兵)|退役残军|(?:残疾|伤残)(?:的)?退役(?:军人|士兵)",
            (_C.DISABLED_MILITARY, _C.VETERAN),
        ),
        (r"(?:残疾|伤残|残废)军人|残军", (_C.DISABLED_MILITARY,)),
        (r"在乡(?:的)?(?:老)?复员(?:军人)?|老复员(?:军人)?", (_C.RURAL_DEMOBILIZED,)),
        (r"(?:带|因)病(?:回|还|返)乡(?:的)?(?:退役|退伍|复员)?(?:军人|士兵|人员)?", (_C.ILL_RETURNED,)),
        (r"参战(?:民兵民工|民兵|民工)", None),
        (r"(?:退役|退伍)?(?:军人)?参战", (_C.COMBAT_VETERAN,)),
        (r"参试|参加(?:过)?核试验|核试验|涉核|8023|铀矿", (_C.NUCLEAR_TEST_VETERAN,)),
        (r"农村籍(?:的)?(?:退役|退伍)?(?:士兵|军人|义务兵)?", (_C.RURAL_SOLDIER_60,)),
        (r"60(?:周)?岁以?上(?:的)?(?:退役|退伍)士兵", (_C.RURAL_SOLDIER_60,)),
        (
            rf"现役(?:军人|士兵|军官|军士|义务兵)?(?:的)?{_KIN}|(?:义务兵|军士|军人)(?:的)?(?:{_KIN}|家庭)|军属",
            (_C.ACTIVE_FAMILY,),
        ),
        (
            r"三红|五老|老红军|红军失散|西路军|堡垒户|苏区|老游击队员|地下党|港澳[^,;、]*老战士",
            (_C.LEGACY_OTHER,),
        ),
        (
            r"(?:退役|退伍|复员|转业|复转|军转|退休|离休)(?:军人|士兵|军士|士官|军官|干部|人员|兵)"
            r"|自主择业|自主就业|逐月领取退役金|军队?(?:离)?退休干部|退役|退伍|转业|复员|老兵",
            (_C.VETERAN,),
        ),
    )
)
_BARE_DISABLED = re.compile(r"(?:残疾|伤残)")
_SERVICE_DISABLED = re.compile(r"因[战公病]|[一二三四五六七八九十\d]级")
_ALIASES = {_fold: c for c in BenefitCategory for _fold in (c.value, c.label)}


@dataclass(frozen=True, slots=True)
class ReadCategories:
    """Categories in the order of the catalogue; `unclear` is True if the text holds words that name none.

    `rest` is what of the text speaks of no category, a | where one was named.
    """

    categories: tuple[BenefitCategory, ...]
    unclear: bool = False
    rest: str = ""


def is_denied(text: str, found: re.Match[str]) -> bool:
    """True if what was found in `text` stands behind a denial: 不是低保, 未立功."""
    return re.search(rf"{_DENIED}(?:立过?|评为|获得?|为)?$", text[: found.start()]) is not None


@lru_cache(maxsize=2048)  # a roster says the same few texts thousands of times
def read_categories(written: str, *, discharged: bool = False) -> ReadCategories:
    """Every category that `written` names, whatever separates them.

    `discharged`: the roster gives a discharge date, which makes 残疾军人 a veteran too. Of 三属(...)
    the one in brackets counts. Words which name two kinds (军烈属, 三属 alone) give none and are
    `unclear`.
    """
    text = fold_width(strip_blanks(written))
    if not text:
        return ReadCategories(())
    found: set[BenefitCategory] = set()
    unclear, rest = False, ""
    alone = text.removesuffix(".0")
    if alone in LEGACY_CODES:
        found.add(LEGACY_CODES[alone])
    elif text in _ALIASES:
        found.add(_ALIASES[text])
    else:
        rest = text
        for pattern, named in _PATTERNS:
            if pattern.search(rest) is None:
                continue
            rest = pattern.sub("|", rest)
            found.update(named or ())
            unclear |= named is None
        if _BARE_DISABLED.search(rest) and _SERVICE_DISABLED.search(text):
            found.add(_C.DISABLED_MILITARY)
        unclear |= "三属" in rest and not found & SURVIVORS
        unclear |= "两参" in rest and not found & {_C.COMBAT_VETERAN, _C.NUCLEAR_TEST_VETERAN}
    if found & IMPLY_VETERAN or (discharged and _C.DISABLED_MILITARY in found):
        found.add(_C.VETERAN)
    return ReadCategories(tuple(c for c in BenefitCategory if c in found), unclear or not found, rest)
