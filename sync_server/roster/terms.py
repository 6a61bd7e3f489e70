"""The words of rosters for living conditions, merit, honours and employment, as our codes.

A code stands for a word only where the word is plain; what names none is left to the caller, who
keeps the words themselves.
"""

from __future__ import annotations

import re
from functools import lru_cache

from app.domain.categories import is_denied, read_categories
from app.domain.codes import Employment, Honour, LivingTag, Merit
from app.domain.names import fold_width, strip_blanks
from sync_server.roster.titles import Field, title_key

_LIVING = (
    (r"低保边缘|低边|边缘户", LivingTag.DIBAO_MARGINAL),
    (r"低保(?!边缘)|最低生活保障", LivingTag.DIBAO),
    (r"特困|五保", LivingTag.TEKUN),
    (r"独居", LivingTag.LIVING_ALONE),
    (r"空巢", LivingTag.EMPTY_NEST),
    (r"鳏寡|丧偶", LivingTag.WIDOWED),
    (r"孤老|孤寡", LivingTag.LONE_ELDER),
    (r"孤儿", LivingTag.ORPHAN),
    (r"失能|生活不能自理|卧床", LivingTag.DISABLED_CARE),
    (r"重病|大病|重症", LivingTag.SERIOUSLY_ILL),
    (r"受灾", LivingTag.DISASTER_HIT),
)
_EMPLOYMENT = (
    (r"丧失劳动", Employment.UNABLE),
    (r"灵活", Employment.FLEXIBLE),
    (r"创业|个体|经商", Employment.BUSINESS),
    (r"求职", Employment.SEEKING),
    (r"下岗", Employment.LAID_OFF),
    (r"失业|无业|待业", Employment.UNEMPLOYED),
    (r"退休|离休", Employment.RETIRED),
    (r"务农|种地|农民", Employment.FARMING),
    (r"在校|学生|读书", Employment.STUDENT),
    (r"在职|在岗|就业|务工|打工|上班", Employment.EMPLOYED),
)
_HONOURS = ((r"模范退役军人", Honour.MODEL_VETERAN), (r"最美退役军人", Honour.MOST_BEAUTIFUL))
_MERITS = (
    (r"勋章", Merit.MEDAL),
    (r"荣誉称号", Merit.TITLE),
    (r"一等功", Merit.FIRST),
    (r"二等功", Merit.SECOND),
    (r"三等功", Merit.THIRD),
    (r"嘉奖", Merit.COMMENDATION),
)
# Awards of older days have no fixed rank here: a person decides (domain.md 2.2).
_UNRANKED_MERIT = re.compile(r"特等功|大功|小功|战功|英雄|功臣")
_SERVICE_GRADE = re.compile(r"因[战公病]|(?:[五六七八九十]|(?<!\d)(?:[5-9]|10))(?:级|等|$)|军|战|革命")
_CIVIL_DISABILITY = re.compile(r"肢体|听力|视力|智力|精神|言语|语言|多重|残联|[非不]|^[无否]$")
_ASKING = re.compile(r"^(?:是否|有无|是不是)(?:为|是|属于?|系|享受)?|(?:与否|打勾|打√|打钩)$")
_LONGEST_TERM = 14


def living_tags(text: str) -> tuple[LivingTag, ...]:
    """Every condition that the text names and does not deny, in the order of the catalogue."""
    plain = _plain(text)
    return tuple(
        sorted(
            (tag for pattern, tag in _LIVING if (m := re.search(pattern, plain)) and not is_denied(plain, m)),
            key=list(LivingTag).index,
        )
    )


def highest_merit(text: str) -> Merit | None:
    """The highest award that a text names; None if it names one whose rank is not fixed."""
    plain = _plain(text)
    if _UNRANKED_MERIT.search(plain):
        return None
    named = ((merit, re.search(pattern, plain)) for pattern, merit in _MERITS)
    return next((merit for merit, m in named if m and not is_denied(plain, m)), None)


def honours(text: str) -> tuple[Honour, ...]:
    plain = _plain(text)
    return tuple(h for p, h in _HONOURS if (m := re.search(p, plain)) and not is_denied(plain, m))


def employment(text: str) -> Employment | None:
    plain = _plain(text)
    return next((e for pattern, e in _EMPLOYMENT if re.search(pattern, plain)), None)


def is_service_disability(text: str) -> bool | None:
    """Whether a grade is a soldier's: 因战八级 and 七级 are, 肢体二级 is not; None for 二级, either's.

    The civil scale has four grades, the military one ten and a cause.
    """
    plain = _plain(text)
    if _CIVIL_DISABILITY.search(plain):
        return False
    return True if _SERVICE_GRADE.search(plain) else None


def term_of_title(title: str) -> str:
    """What a tick under a title says: 是否低保户 says 低保户."""
    return _ASKING.sub("", title_key(title))


@lru_cache(maxsize=1024)
def meaning_of_title(title: str) -> Field | None:
    """CATEGORY, LIVING, MERIT or EMPLOYMENT if the title itself is a value of that kind, to be ticked."""
    term = term_of_title(title)
    if not term or len(term) > _LONGEST_TERM:
        return None
    if honours(term) or highest_merit(term) or _UNRANKED_MERIT.search(term):
        return Field.MERIT
    if read_categories(term).categories:
        return Field.CATEGORY
    if living_tags(term):
        return Field.LIVING
    return Field.EMPLOYMENT if employment(term) else None


def _plain(text: str) -> str:
    return fold_width(strip_blanks(text))
