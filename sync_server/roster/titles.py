"""The titles that stations give their columns, and which field each one means."""

from __future__ import annotations

import re
from enum import StrEnum

from app.domain.names import fold_width, strip_blanks


class Field(StrEnum):
    """What a column of a roster can hold."""

    SEQ = "seq"
    NAME = "name"
    ID = "id"
    SEX = "sex"
    BORN = "born"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    HAMLET = "hamlet"
    HOUSE = "house"
    ADDRESS = "address"
    RESIDENCE = "residence"
    AWAY_PLACE = "away_place"  # filled only for those away: blank says "at home"
    AWAY_FLAG = "away_flag"
    HOME_FLAG = "home_flag"
    PHONE = "phone"
    CATEGORY = "category"
    ENLISTED = "enlisted"
    DISCHARGED = "discharged"
    MERIT = "merit"
    LIVING = "living"
    EMPLOYMENT = "employment"
    CARD = "card"
    NOTE = "note"
    DIED = "died"
    OTHER = "other"  # a known title that nothing here needs


FIELD_LABELS = {
    Field.NAME: "姓名", Field.ID: "身份证号", Field.VILLAGE: "村(社区)", Field.CATEGORY: "身份类别",
    Field.PHONE: "联系电话", Field.RESIDENCE: "现居住地", Field.BORN: "出生年月",
}  # fmt: skip

_WHO = "(?:服务对象|优抚对象|退役军人|退役士兵|退伍军人|对象|人员|本人|军人|老兵|职工|慰问对象|走访对象)?"
_WHEN = "(?:时间|日期|年月日?|年度|年份)?"
# Whole titles, brackets and blanks removed; the first that fits decides.
_TITLES: tuple[tuple[Field, str], ...] = (
    (Field.SEQ, r"序号?|编号|序|号|顺序号?|no\.?|序列"),
    (Field.ID, rf"{_WHO}(?:居民|公民)?身份(?:证|证件)?(?:号码?|证号码?)|{_WHO}(?:居民|公民)?身份证(?:件)?|证件号码?|"
               rf"{_WHO}(?:居民|公民)?身份证件号码?|身份号|id|idno\.?"),
    (Field.NAME, rf"{_WHO}(?:的)?(?:姓名|名字)|名单"),
    (Field.SEX, r"性别"),
    (Field.BORN, r"出生(?:年月日?|日期|时间|年份|年)?|生日|出生年月日?时?"),
    (Field.DIED, rf"(?:去世|死亡|亡故|逝世|离世|过世|病故|已故){_WHEN}"),
    (Field.ENLISTED, rf"(?:入伍|参军|应征入伍|参加工作入伍|服役开始|何时入伍){_WHEN}"),
    (Field.DISCHARGED, rf"(?:退役|退伍|退役退伍|退伍退役|复员|离队|退出现役|转业|何时退役|退役复员|复退|退\(复\)伍){_WHEN}"),
    (Field.AWAY_FLAG, r"(?:是否|有无)?(?:常年|长期)?(?:在外|外出|外地)(?:务工|居住|打工|人员)?(?:情况|与否)?|是否(?:在外地|人在外地|流动)"),
    (Field.HOME_FLAG, r"是否(?:常年|长期)?(?:在家|在村|常住|居住本村|在本村|本村居住|本地居住|在本地|在本地居住)(?:居住)?|是否常住人口"),
    (Field.AWAY_PLACE, r"(?:外出|在外|务工|打工|外地|流动|外出务工|在外务工)(?:务工|居住|经商)?(?:地|地点|地址|去向|所在地|居住地)|去向|外出去向|流向"),
    (Field.RESIDENCE, r"(?:现|目前|实际|经常|常年|现在)?(?:居住|常住|居|住)(?:地|地址|地点|住地|情况|状况|状态|处)|"
                      r"(?:现|目前)(?:住址|地址|居住|居|住地|住处|居所|住)|常住(?:地址|人口情况)?|现(?:居住)?地(?:址|区)?|居住(?:地)?详址|(?:人员)?在家情况"),
    (Field.VILLAGE, r"(?:户籍|户口|所属|所在|现|户籍所在|户口所在|户籍所属|属地)?(?:的)?(?:行政)?(?:村|社区)(?:社区|居|村|委会|居委会|名称?|别|委|民委员会|社)*(?:名称?)?|"
                    r"(?:户籍|户口|所属|所在)?(?:村社区|村社|村居|村居委会|村委|居委会|居民委员会)(?:名称?)?|行政村(?:社区|名称?)?|村别|村名"),
    (Field.TOWNSHIP, r"(?:所属|所在|户籍|户籍所在)?(?:乡镇街道?|乡镇|街道|镇街|镇|乡|乡镇街)(?:名称?|街道)?"),
    (Field.COUNTY, r"(?:所属|所在)?(?:县市区|县区|县|区县|市县|区)(?:名称?)?"),
    (Field.HAMLET, r"自然村(?:名称?)?|(?:村|居)?(?:民)?小组|组别?|村民组|屯|小区|网格|所在小组|所属小组|片组?"),
    (Field.HOUSE, r"门牌号?码?|房号|门号|幢号?"),
    (Field.ADDRESS, r"(?:家庭|户籍|户口|通讯|通信|详细|联系|身份证|现家庭)(?:住址|地址|所在地|详址|地)|户籍|户口|户籍地|"
                    r"住址|地址|详址|户籍(?:所在)?(?:地|地址)|户口所在地(?:址)?|家庭住所|籍贯地址"),
    (Field.PHONE, rf"{_WHO}(?:的)?(?:联系|手机|移动|固定|办公|住宅|家庭)?(?:电话|手机|手机号|方式|号码|座机)(?:号|号码|1|2|3|一|二)?|"
                  r"联系(?:方式|电话|手机|号码)(?:\d|一|二|三)?|手机(?:号码?)?(?:\d|一|二|三)?|电话(?:号码?)?(?:\d|一|二|三)?|移动电话|固话|短号|tel|phone"),
    (Field.CATEGORY, rf"{_WHO}(?:优抚|身份|人员|对象|抚恤|优待|服务|保障|优抚对象|优抚人员|服务对象|享受)?(?:身份|类别|类型|种类|属性|分类|性质)(?:类别|名称)?|"
                     r"优抚(?:类别|类型|身份|对象|情况|待遇)|人员(?:类别|身份|类型|属性)|身份"),
    (Field.MERIT, r"立功(?:受奖|情况|受奖情况|等级|获奖)?(?:情况)?|(?:获奖|奖励|功勋|荣誉|受奖|表彰)(?:情况|等级)?|立功受奖(?:情况|等级)"),
    (Field.LIVING, r"(?:生活|困难|家庭|经济|家庭生活|家庭经济|健康|身体|生活困难)(?:状况|情况|类型|类别|现状)|是否困难|困难"),
    (Field.EMPLOYMENT, r"(?:就业|从业|工作|择业|就业创业)(?:状况|情况|状态|单位|现状)?|职业|现(?:就业|工作)(?:情况|单位|状况)?"),
    (Field.CARD, r"优待证(?:情况|状态|申领情况|办理情况|申领|发放情况|办理|申领状态)?|(?:是否)?(?:申领|办理)优待证"),
    (Field.NOTE, r"备注(?:说明)?|说明|其他|其它|附注"),
    (Field.OTHER, r"民族|政治面貌|文化程度|学历|婚姻(?:状况)?|年龄|周岁|籍贯|部队(?:番号|代号)?|服役部队|兵种|军衔|职务|"
                  r"安置(?:方式|去向|情况)|残疾等级|伤残等级|残疾性质|伤残性质|证书?编号|残疾证号|银行(?:卡号|账号)|开户行|"
                  r"账号|卡号|与.*关系|关系|健康|签名|签字|领取人|金额|补助标准|标准|服役年限|军龄|户主姓名|户主|家庭人口|曾用名|别名"),
)  # fmt: skip
_COMPILED = tuple((field, re.compile(pattern, re.IGNORECASE)) for field, pattern in _TITLES)
_NOT_THE_PERSON = re.compile(
    r"家属|亲属|联系人|配偶|妻子|丈夫|子女|儿子|女儿|父亲|母亲|父母|监护人|户主|包联|联络|结对|走访|负责|经办|干部|网格员|填表|受益人|代领|紧急"
)
_ROSTER_OF_FAMILY = re.compile(r"(?:现役军人|军人|军|烈士|军烈)(?:家|遗)?属")


def title_key(text: str) -> str:
    """A title as it is compared: no blanks, usual width, no brackets or punctuation."""
    return re.sub(
        r"[()\[\]{}【】〔〕<>《》,，.。、:：;；/\\|*＊#_\-\"'“”]", "", fold_width(strip_blanks(text))
    )


def field_of_title(text: str) -> Field | None:
    """The field that a title means, None if it is not one we know."""
    key = title_key(text)
    without_note = title_key(re.sub(r"[(（\[【].*?[)）\]】]", "", text))
    if not key or len(key) > 24:
        return None
    for candidate in dict.fromkeys((key, without_note)):
        for field, pattern in _COMPILED:
            if candidate and pattern.fullmatch(candidate):
                return field
    someone_else = _NOT_THE_PERSON.sub("", _ROSTER_OF_FAMILY.sub("", key))
    if someone_else != key and key != "":
        of_someone = field_of_title(someone_else) if someone_else else None
        return of_someone if of_someone in (Field.PHONE,) else Field.OTHER if of_someone else None
    return None


def whose(path: tuple[str, ...]) -> str:
    """本人, or the other person whom a column's titles (group and leaf) speak of: 家属, 村干部..."""
    text = _ROSTER_OF_FAMILY.sub("", "".join(title_key(t) for t in path))
    found = _NOT_THE_PERSON.search(text)
    return (
        "本人" if found is None else {"干部": "村干部", "联系人": "联系人"}.get(found.group(), found.group())
    )


def is_of_someone_else(path: tuple[str, ...]) -> bool:
    return whose(path) != "本人"
