# ruff: noqa: E501 - a Chinese character counts as two columns; the table reads best unbroken
"""The titles that stations give their columns, and which field each one means."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from app.domain.names import fold_width, strip_blanks


class Field(StrEnum):
    """What a column of a roster can hold."""

    SEQ = "seq"
    NAME = "name"
    ID = "id"
    FORMER_ID = "former_id"  # an old number beside the present one: read where that one is missing
    SEX = "sex"
    BORN = "born"
    TOWNSHIP = "township"
    VILLAGE = "village"
    VILLAGE_CODE = "village_code"
    HAMLET = "hamlet"
    HOUSE = "house"
    HOUSEHOLD = "household"  # the number that people of one household share
    HUKOU = "hukou"  # the registered address: it tells the village, the home address only may
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
    DISABILITY = "disability"
    LIVING = "living"
    EMPLOYMENT = "employment"
    CARD = "card"
    NOTE = "note"
    DIED = "died"
    ALIVE = "alive"
    OTHER = "other"  # a known title that nothing here needs


_WHO = "(?:服务对象|优抚对象|退役军人|退役士兵|退伍军人|对象|人员|本人|军人|老兵|职工|慰问对象|走访对象)?"
_NOW = "(?:现在?|现用|现行|新|二代|18位)?"
_WHEN = "(?:时间|日期|年月日?|年度|年份)?"
_STATE = "(?:状况|情况|状态|现状|类型|类别)?"
_NTH = "(?:[123一二三])?"
# Whole titles without blanks and punctuation, as regular expressions; the first that fits decides.
_TITLES: dict[Field, str] = {
    Field.SEQ: r"序号? 编号 号 顺序号? 序列号? no xh",
    Field.FORMER_ID: r"""(?:原|旧|老|曾用|以前|一代|15位)的?(?:居民|公民)?(?:身份证?件?|证件|居民证)(?:号码?|证号码?)?""",
    Field.ID: rf"""{_NOW}{_WHO}{_NOW}(?:居民|公民)?身份(?:证|证件)?(?:号码?|证号码?)
        {_NOW}{_WHO}{_NOW}(?:居民|公民)?身份证(?:件)?(?:号码?)? {_WHO}(?:有效)?证件号码? 身份号 证件
        id(?:no|号)? sfzh?m? zjhm?""",
    Field.NAME: rf"{_WHO}(?:的)?(?:姓名|名字) 名单 xm",
    Field.SEX: "性别 xb",
    Field.BORN: "出生(?:年月日?|日期|时间|年份|年)? 生日 csny csrq",
    Field.DIED: rf"(?:是否)?(?:已|已经)?(?:去世|死亡|亡故|逝世|离世|过世|病故){_WHEN}(?:与否)?",
    Field.ALIVE: rf"(?:是否)?(?:健在|在世)(?:与否|{_STATE})? 生存{_STATE}",
    Field.ENLISTED: rf"(?:应征)?(?:入伍|参军){_WHEN} 何时入伍",
    Field.DISCHARGED: rf"""(?:退役|退伍|退役退伍|退伍退役|退役复员|复员|复员退伍|复退|退复伍|离队|退出现役|转业){_WHEN}
        何时退役""",
    Field.AWAY_FLAG: r"""(?:是否|有无)(?:常年|长期)?(?:在外|外出|外地|流动)(?:地|务工|居住|打工|人员)*
        (?:是否)?人在外地 (?:常年|长期)?(?:在外|外出)(?:务工|居住|打工|人员)?(?:情况|与否)?""",
    Field.HOME_FLAG: r"""是否(?:常年|长期)?(?:在家|在村|在乡|常住|居住本村|在本村|本村居住|本地居住|在本地)(?:居住|人口)?
        在家(?:情况|与否)?""",
    Field.AWAY_PLACE: r"""(?:外出|在外|务工|打工|外地|流动)(?:务工|居住|经商|工作)?(?:地|地点|地址|去向|所在地|居住地)
        (?:外出)?去向 流向""",
    Field.RESIDENCE: rf"""(?:现|目前|实际|经常|常年|现在)?(?:居住|常住|居|住)(?:地|地址|地点|住地|处|详址)(?:情况)?
        (?:现|目前|实际)(?:住址|居住|居|住地|住处|居所|住|地址) 常住(?:地址)? 现在何处
        (?:现|目前)?居住{_STATE} 住在何处""",
    Field.VILLAGE: r"""(?:户籍|户口|所属|所在|现|户籍所在|户口所在|户籍所属)?(?:地)?(?:行政)?(?:村|社区)(?:名称?|别)?
        (?:户籍|户口|所属|所在|户籍所在|户口所在)?(?:行政)?(?:村社区|村居|村社|社区村|村居委会|村委会|村委|居委会)(?:名称?)?
        (?:户籍|户口|所属|所在)?(?:村委会居委会|村民委员会|居民委员会|村居社区)(?:名称?)? 村组 属地""",
    Field.VILLAGE_CODE: r"""(?:行政|所在|所属|户籍)?(?:村|社区|村社区|村居|区划|行政区划)(?:代码|编码|编号|代号)""",
    Field.TOWNSHIP: r"""(?:所属|所在|户籍|户籍所在)?(?:乡镇街道?|乡镇|街道|镇街道?|镇|乡|街道乡镇)(?:名称?)?""",
    Field.HAMLET: r"自然村(?:名称?)? (?:所在|所属)?(?:村|居)?(?:民)?小组 组别? 村民组 网格 片组",
    Field.HOUSE: r"门牌号?码? 房号 门号",
    Field.HOUSEHOLD: r"(?:家庭|户口)?户(?:号|编号|编码|序号|代码)码? 家庭(?:编号|编码|代码|号码?)",
    Field.HUKOU: r"""(?:户籍|户口|身份证)(?:所在地?)?(?:住址|地址|所在地|详址|地) 户籍 户口 (?:户籍|户口)所在地(?:址)?""",
    Field.ADDRESS: r"""(?:家庭|通讯|通信|详细|联系|现家庭)(?:住址|地址|所在地|详址|地) 住址 地址 详址""",
    Field.PHONE: rf"""{_WHO}(?:的)?(?:联系|手机|移动|固定|办公|住宅|家庭)?(?:电话|手机|手机号|方式|座机)(?:号码?)?{_NTH}
        联系(?:方式|电话|手机|号码){_NTH} 固话 短号 tel phone
        (?:lx)?dh(?:hm)? sjh?m?""",
    Field.CATEGORY: rf"""{_WHO}(?:优抚|身份|人员|对象|抚恤|优待|服务|优抚对象|优抚人员|服务对象|享受待遇)?
        {_WHO}(?:优抚|身份|人员|对象|抚恤|优待|服务|优抚对象|优抚人员|服务对象)?(?:身份|类别|类型|种类|属性|分类|性质|对象类别)
        优抚(?:情况|待遇) 身份(?:类别)?名称 lb""",
    Field.MERIT: r"""立功(?:受奖|获奖|等级|授奖)?(?:情况|等级)? (?:获奖|奖励|功勋|荣誉|受奖|表彰)(?:情况|等级)?""",
    Field.DISABILITY: r"(?:残疾|伤残|评残|致残|残情)(?:等级|性质|级别|级|程度|类别|类型)(?:及?(?:等级|性质|级别|类别))?",
    Field.LIVING: rf"(?:生活|困难|家庭|经济|家庭生活|家庭经济|健康|身体|生活困难){_STATE} 是否困难",
    Field.EMPLOYMENT: rf"现?(?:就业|从业|工作|择业|就业创业){_STATE} (?:现)?工作单位 职业",
    Field.CARD: r"优待证(?:情况|状态|申领|办理|发放|申领情况|办理情况|发放情况|申领状态)? (?:是否)?(?:申领|办理)优待证",
    Field.NOTE: r"备注(?:说明)? 说明 其他 其它 附注 bz",
    Field.OTHER: r"""民族 政治面貌 文化程度 学历 婚姻(?:状况)? 年龄 周岁 籍贯 (?:服役)?部队(?:番号|代号)? 兵种 军衔 职务
        安置(?:方式|去向|情况) (?:残疾|伤残)证号 证书编号 银行(?:卡号|账号)? 开户行 账号 卡号
        与?.{0,5}关系 签名 签字 领取人 金额 (?:补助)?标准 服役年限 军龄 户主 家庭人口 曾用名 别名 邮编 邮政编码 照片 微信号?
        qq号? 入党(?:时间|日期) (?:户口|户籍)(?:性质|类别|类型) (?:退役|退伍|残疾|伤残|优待|立功|烈士)证书?(?:号码?|编号)
        填报?(?:时间|日期) (?:采集|更新|登记)(?:时间|日期) 县市区 县区 县 市 区""",
}
_COMPILED = tuple(
    (field, re.compile("|".join(alternatives.split()), re.IGNORECASE))
    for field, alternatives in _TITLES.items()
)
_PUNCTUATION = re.compile(r"[()\[\]{}【】〔〕<>《》,，.。、:：;；/\\|*#_\-\"'“”]")
_BRACKETED = re.compile(r"[(（\[【〔].*?[)）\]】〕]")
_FAMILY = "家属|遗属|军属|烈属"
_SOLDIER = "现役军人|军人|烈士|牺牲军人|病故军人"
_SOMEONE_ELSE = re.compile(
    r"家属|遗属|亲属|联系人|配偶|妻子|丈夫|子女|儿子|女儿|父亲|母亲|父母|监护人|户主|包联|联络|结对|走访|负责|经办|"
    r"村?干部|网格员|填表|受益人|代领|紧急"
)
_LONGEST_TITLE = 24


def title_key(text: str) -> str:
    """A title as it is compared: no blanks, usual width, no brackets or punctuation."""
    return _PUNCTUATION.sub("", fold_width(strip_blanks(text)))


@lru_cache(maxsize=4096)
def field_of_title(text: str) -> Field | None:
    """The field that a title means, None if it is not one we know.

    A title about somebody else (家属电话, 联系人姓名) is PHONE, since it reaches the person, or OTHER.
    """
    key = title_key(text)
    if not key or len(key) > _LONGEST_TITLE:
        return None
    for candidate in dict.fromkeys((key, title_key(_BRACKETED.sub("", text)))):
        for field, pattern in _COMPILED:
            if candidate and candidate != "本人" and pattern.fullmatch(candidate):
                return field
    rest = _SOMEONE_ELSE.sub("", key)
    if not rest or rest == key:
        return None
    of_someone = field_of_title(rest)
    return of_someone if of_someone in (None, Field.PHONE) else Field.OTHER


def is_someone_else(title: str) -> bool:
    """True for a title that is just another person: 联系人, 家属."""
    return _SOMEONE_ELSE.fullmatch(title_key(title)) is not None or title_key(title) == "紧急联系人"


def own_title(text: str) -> str:
    """The title in a roster whose people are the families: 家属姓名 means 姓名 there, 军人姓名 nobody's."""
    key = title_key(text)
    if re.search(_FAMILY, key):
        return re.sub(rf"(?:{_SOLDIER})?(?:的)?(?:{_FAMILY})(?:的)?", "", key) or key
    return "关系" if re.match(_SOLDIER, key) else key


def is_about_families(titles: tuple[str, ...]) -> bool:
    """True if the titles name both a soldier and the family member who is on the roster."""
    names = [title_key(t) for t in titles if title_key(t).endswith("姓名")]
    return (
        not any(re.fullmatch("姓名|本人姓名", n) for n in names)
        and any(re.search(_FAMILY, n) for n in names)
        and any(re.match(_SOLDIER, n) and not re.search(_FAMILY, n) for n in names)
    )


def whose(path: tuple[str, ...]) -> str:
    """本人, or the other person whom a column's titles (group and leaf) speak of: 家属, 村干部..."""
    found = _SOMEONE_ELSE.search(
        re.sub(rf"(?:{_SOLDIER})(?:{_FAMILY})", "", "".join(title_key(t) for t in path))
    )
    if found is None:
        return "本人"
    return "村干部" if found.group() == "干部" else found.group()
