"""The code lists of domain.md (2.2, 3) with their Chinese labels; categories live in categories.py.

Codes are what is stored and sent; labels are what people read. A label here is the field's
standard term, so that a roster, a screen and a table say the same word.
"""

from __future__ import annotations

from enum import StrEnum


class LabelledCode(StrEnum):
    """A stored code that knows its Chinese term."""

    label: str

    def __new__(cls, value: str, label: str) -> LabelledCode:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class Sex(LabelledCode):
    MALE = "M", "男"
    FEMALE = "F", "女"


class AwayStatus(LabelledCode):
    """Where a person usually lives, seen from the roster's county (awayStatus)."""

    HOME = "HOME", "在家"
    AWAY = "AWAY", "外地"  # the roster says no more than that
    OUT_OF_COUNTY = "OUT_OF_COUNTY", "县外"
    OUT_OF_CITY = "OUT_OF_CITY", "市外"
    OUT_OF_PROVINCE = "OUT_OF_PROVINCE", "省外"
    ABROAD = "ABROAD", "境外"


class LivingTag(LabelledCode):
    DIBAO = "DIBAO", "低保"
    TEKUN = "TEKUN", "特困"
    DIBAO_MARGINAL = "DIBAO_MARGINAL", "低保边缘"
    LIVING_ALONE = "LIVING_ALONE", "独居"
    EMPTY_NEST = "EMPTY_NEST", "空巢"
    WIDOWED = "WIDOWED", "鳏寡"
    LONE_ELDER = "LONE_ELDER", "孤老"
    ORPHAN = "ORPHAN", "孤儿"
    DISABLED_CARE = "DISABLED_CARE", "失能/半失能"
    SERIOUSLY_ILL = "SERIOUSLY_ILL", "重病"
    DISASTER_HIT = "DISASTER_HIT", "受灾"


class Employment(LabelledCode):
    EMPLOYED = "EMPLOYED", "在岗"
    FLEXIBLE = "FLEXIBLE", "灵活就业"
    BUSINESS = "BUSINESS", "创业"
    FARMING = "FARMING", "务农"
    UNEMPLOYED = "UNEMPLOYED", "失业"
    LAID_OFF = "LAID_OFF", "下岗"
    SEEKING = "SEEKING", "求职中"
    RETIRED = "RETIRED", "退休"
    UNABLE = "UNABLE", "丧失劳动能力"
    STUDENT = "STUDENT", "在校"


class Honour(LabelledCode):
    MODEL_VETERAN = "MODEL_VETERAN", "模范退役军人"
    MOST_BEAUTIFUL = "MOST_BEAUTIFUL", "最美退役军人"


class Merit(LabelledCode):
    """Service merit; the order of definition is the rank, highest first (R17: second class and above)."""

    MEDAL = "MEDAL", "勋章"
    TITLE = "TITLE", "荣誉称号"
    FIRST = "FIRST", "一等功"
    SECOND = "SECOND", "二等功"
    THIRD = "THIRD", "三等功"
    COMMENDATION = "COMMENDATION", "嘉奖"


class NeedType(LabelledCode):
    LIVING = "LIVING", "生活"
    MEDICAL = "MEDICAL", "医疗"
    HOUSING = "HOUSING", "住房"
    EMPLOYMENT = "EMPLOYMENT", "就业"
    EDUCATION = "EDUCATION", "子女教育"
    ELDER_CARE = "ELDER_CARE", "养老照护"
    PSYCH = "PSYCH", "心理"
    LEGAL = "LEGAL", "法律/权益"
    SOCIAL_INSURANCE = "SOCIAL_INSURANCE", "社保接续"
    CARD_FILE = "CARD_FILE", "证件档案"
    OTHER = "OTHER", "其他"


class NeedSeverity(LabelledCode):
    MINOR = "1", "一般"
    MODERATE = "2", "较重"
    SERIOUS = "3", "严重"
    URGENT = "4", "紧急"


class NeedState(LabelledCode):
    FOUND = "FOUND", "发现"
    VERIFIED = "VERIFIED", "核实"
    NOT_CONFIRMED = "NOT_CONFIRMED", "不属实"
    REPORTED = "REPORTED", "上报"
    ACCEPTED = "ACCEPTED", "受理"
    RETURNED = "RETURNED", "退回"
    ASSIGNED = "ASSIGNED", "交办"
    IN_PROGRESS = "IN_PROGRESS", "办理中"
    CLOSED = "CLOSED", "办结"
    FOLLOWED_UP = "FOLLOWED_UP", "回访"


class OrgKind(LabelledCode):
    """Actors of domain.md section 0; bureau and centre of one level file one return."""

    CITY = "CITY", "市"
    CITY_UNIT = "CITY_UNIT", "市直单位"
    PROV_UNIT = "PROV_UNIT", "省部属单位"
    COUNTY = "COUNTY", "县(市、区)"
    TOWNSHIP = "TOWNSHIP", "乡镇(街道)服务站"
    VILLAGE = "VILLAGE", "村(社区)服务站"


class Role(LabelledCode):
    """Who an account is; what each may do is decided in one place (sync_server.records.scope)."""

    RECORDER = "RECORDER", "村级走访员"
    REVIEWER = "REVIEWER", "乡镇审核员"
    COUNTY_CLERK = "COUNTY_CLERK", "县级经办"
    CITY_ANALYST = "CITY_ANALYST", "市级汇总"
    UNIT_LIAISON = "UNIT_LIAISON", "单位联络员"
