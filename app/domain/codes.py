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


class NeedCause(LabelledCode):
    """The triggers of hardship that the five departments named in 2019 (domain.md 3)."""

    ILLNESS = "ILLNESS", "因残因病、就业和医疗负担重"
    JOBLESS = "JOBLESS", "长期失业或突然下岗"
    OLD_INJURY = "OLD_INJURY", "旧伤复发"
    SUDDEN = "SUDDEN", "突发事件"
    OTHER = "OTHER", "其他"


class NeedOutcome(LabelledCode):
    """What a closed need came to."""

    SOLVED = "SOLVED", "解决"
    PARTLY = "PARTLY", "部分解决"
    EXPLAINED = "EXPLAINED", "政策不符已解释"
    REFERRED = "REFERRED", "转介"
    WITHDRAWN = "WITHDRAWN", "本人撤回"


class Assistance(LabelledCode):
    TEMPORARY_AID = "TEMPORARY_AID", "临时救助"
    HARDSHIP_AID = "HARDSHIP_AID", "困难帮扶援助"
    CARE_FUND = "CARE_FUND", "关爱基金"
    CASH = "CASH", "慰问金"
    GOODS = "GOODS", "慰问品"
    JOB_REFERRAL = "JOB_REFERRAL", "就业推荐"
    TRAINING = "TRAINING", "技能培训"
    BUSINESS_SUPPORT = "BUSINESS_SUPPORT", "创业扶持"
    LEGAL_AID = "LEGAL_AID", "法律援助"
    MEDICAL_AID = "MEDICAL_AID", "医疗救助"
    HOUSE_REPAIR = "HOUSE_REPAIR", "住房修缮"
    SCHOOLING = "SCHOOLING", "助学"
    CARE_SERVICE = "CARE_SERVICE", "养老/照护服务"
    COUNSELLING = "COUNSELLING", "心理疏导"
    SOCIAL_INSURANCE = "SOCIAL_INSURANCE", "社保接续"
    ENTITLEMENT_AGENCY = "ENTITLEMENT_AGENCY", "权益代办"
    POLICY_ANSWER = "POLICY_ANSWER", "政策解答"
    REFERRAL = "REFERRAL", "转介民政/人社/医保/残联"


class OpinionTarget(LabelledCode):
    POLICY = "POLICY", "政策"
    WORK = "WORK", "工作"
    WORKER = "WORKER", "工作者"
    OTHER = "OTHER", "其他"


class ActivityKind(LabelledCode):
    SYMPOSIUM = "SYMPOSIUM", "座谈会"
    DEEDS_TALK = "DEEDS_TALK", "先进事迹宣讲会"


class AttendeeKind(LabelledCode):
    VETERAN = "VETERAN", "退役军人"
    FAMILY = "FAMILY", "军烈属"
    BENEFICIARY = "BENEFICIARY", "其他优抚对象"
    WORKER = "WORKER", "工作人员"
    OTHER = "OTHER", "其他"


class ConfirmationMethod(LabelledCode):
    GROUP = "GROUP", "集中"
    APPOINTMENT = "APPOINTMENT", "预约"
    HOME = "HOME", "入户"
    PHONE = "PHONE", "电话"
    VIDEO = "VIDEO", "微信视频"
    FACE_CHECK = "FACE_CHECK", "人脸"  # never the only way offered (domain.md 7)


class ConfirmationResult(LabelledCode):
    NORMAL = "NORMAL", "正常"
    CHANGED = "CHANGED", "信息变更"
    DECEASED = "DECEASED", "死亡"
    MOVED_OUT = "MOVED_OUT", "迁出"
    LOST = "LOST", "失联"
    PUT_OFF = "PUT_OFF", "暂缓"


class CardState(LabelledCode):
    """The preferential card, in the order in which it comes about, then what ends it."""

    NONE = "NONE", "未申领"
    APPLIED = "APPLIED", "已受理"
    IN_REVIEW = "IN_REVIEW", "审核中"
    IN_MAKING = "IN_MAKING", "制卡中"
    AT_COUNTY = "AT_COUNTY", "县已签收"
    ISSUED = "ISSUED", "已发放"
    ACTIVATED = "ACTIVATED", "已激活"
    INELIGIBLE = "INELIGIBLE", "不符合"
    DECLINED = "DECLINED", "自愿不领"
    LOST = "LOST", "遗失补办"
    CANCELLED = "CANCELLED", "注销"


class FileState(LabelledCode):
    NONE = "NONE", "未建档"
    IN_PROGRESS = "IN_PROGRESS", "建档中"
    FILED = "FILED", "已建档"
    NEEDS_UPDATE = "NEEDS_UPDATE", "需更新"


class ExemplaryKind(LabelledCode):
    VETERAN = "VETERAN", "退役军人"
    FAMILY = "FAMILY", "军属家庭"


class HonourLevel(LabelledCode):
    NATION = "NATION", "国家级"
    PROVINCE = "PROVINCE", "省级"
    CITY = "CITY", "市级"
    COUNTY = "COUNTY", "县级"
    TOWNSHIP = "TOWNSHIP", "乡镇级"


class PhotoKind(LabelledCode):
    SCENE = "SCENE", "现场"
    DOCUMENT = "DOCUMENT", "证件材料"
    PUBLICITY = "PUBLICITY", "宣传"
    VIDEO = "VIDEO", "短视频"


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
