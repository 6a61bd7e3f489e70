"""A refused Change in plain words for the reviewer: what it is, why it was refused, what it says.

The person's name is masked, and identity and telephone numbers are not shown at all: neither is needed
to decide. Whatever a line holds, it can be listed: a value that no words can be made of is said to be such.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from app.domain.campaign import Campaign
from app.domain.categories import BenefitCategory
from app.domain.change import Change
from app.domain.codes import (
    ActivityKind,
    Assistance,
    AttendeeKind,
    AwayStatus,
    CardState,
    ConfirmationMethod,
    ConfirmationResult,
    Employment,
    ExemplaryKind,
    FileState,
    Honour,
    HonourLevel,
    LivingTag,
    Merit,
    NeedCause,
    NeedOutcome,
    NeedSeverity,
    NeedState,
    NeedType,
    OpinionTarget,
    PhotoKind,
    Sex,
)
from app.domain.names import mask_name

# What a person may decide, and what the server may manage at a second try.
DECIDABLE = frozenset(
    {"outside_scope", "over_limit", "unknown_actor", "unknown_performer", "revoked", "server_fault"}
)
_LACKING = frozenset(
    {"unknown_record", "unknown_person", "unknown_visit", "unknown_need", "unknown_activity"}
)
WHY = {
    "unreadable": "这一条读不懂，内容已原样保留",
    "unknown_entity": "服务器还不认识这类记录",
    "unknown_record": "要改的那条记录还没有传到",
    "record_in_use": "这个编号已经用于另一类记录",
    "unknown_person": "走访的对象不在名册里",
    "unknown_visit": "所属的那次走访还没有收下",
    "unknown_need": "所属的那件困难还没有收下",
    "unknown_activity": "所属的那次活动还没有收下",
    "unknown_actor": "填写人没有在这台设备上登录过",
    "bad_field": "“{field}”一项填得不对",
    "too_large": "这一条太长，超过 64 KB",
    "outside_scope": "“{field}”不在填写人的管理范围内",
    "unknown_campaign": "服务器没有这个活动",
    "unknown_method": "活动里没有这种走访方式",
    "unknown_result": "活动里没有这种走访结果，或这种方式不能选它",
    "unknown_checklist": "活动里没有这项走访内容",
    "unknown_organisation": "没有这个单位或村",
    "unknown_performer": "走访人不在那部手机上，也不是那个单位的",
    "over_limit": "“{field}”超过活动规定的上限",
    "future_time": "“{field}”比传来的时候还晚",
    "server_fault": "服务器处理这一条时出错",
    "revoked": "传来时这台设备已被停用",
}
_KINDS = {
    ("person", "create"): "新增人员",
    ("person", "patch"): "改人员资料",
    ("person", "void"): "作废人员",
    ("visit", "create"): "走访",
    ("visit", "patch"): "更正走访",
    ("visit", "void"): "撤销走访",
    ("need", "create"): "困难",
    ("need", "patch"): "改困难",
    ("need", "void"): "撤销困难",
    **{
        (entity, kind): f"{verb}{name}"
        for entity, name in (
            ("need_step", "困难办理步骤"),
            ("opinion", "意见建议"),
            ("activity", "座谈会、宣讲会"),
            ("confirmation", "年度确认"),
            ("card_step", "优待证步骤"),
            ("file_step", "建档步骤"),
            ("exemplary", "先进典型"),
            ("photo", "图片"),
        )
        for kind, verb in (("create", ""), ("patch", "更正"), ("void", "撤销"))
    },
}
_LABELS = {
    "name": "姓名", "village": "村", "unit": "单位", "id_number": "证件号", "id_problem": "证件号问题",
    "duplicate_of": "重复登记", "merged_into": "并入", "distinct": "不是同一人",
    "sex": "性别", "born": "出生", "hamlet": "小组",
    "house": "门牌", "household": "户", "categories": "类别", "living": "生活状况", "honours": "荣誉",
    "merit": "立功", "employment": "就业", "phones": "电话", "away": "常住", "away_place": "外出地",
    "deceased": "已故", "no_call": "不要打电话", "no_photo": "不要拍照", "file_state": "建档立卡",
    "card_state": "优待证", "note": "备注", "campaign": "活动", "person": "对象", "organisation": "单位",
    "performer": "走访人", "method": "方式", "result": "结果", "at": "走访时间", "saved_at": "填写时间",
    "checklist": "走访内容", "cash_fen": "慰问金", "goods_fen": "慰问品折价", "goods_pieces": "慰问品件数",
    "goods": "慰问品", "letters": "慰问信", "booklets": "法律读本", "visit": "走访", "type": "困难类型",
    "severity": "程度", "state": "办理", "words": "情况", "found_at": "发现时间", "record": "编号",
    "cause": "原因", "need": "困难", "outcome": "办理结果", "assistance": "帮扶措施", "money_fen": "帮扶资金",
    "satisfied": "是否满意", "target": "意见对象", "day": "日期", "anonymous": "不记名", "sealed": "加密内容",
    "kind": "种类", "place": "地点", "attendance": "参加人员", "people": "名单", "minutes": "纪要",
    "year": "年度", "level": "级别", "deeds": "事迹", "consent": "同意情况", "activity": "座谈会",
    "taken_at": "拍摄时间", "caption": "说明", "size_bytes": "大小", "mime": "格式",
}  # fmt: skip
_CODES: dict[str, tuple[Any, ...]] = {
    "sex": (Sex,), "categories": (BenefitCategory,), "living": (LivingTag,), "honours": (Honour,),
    "merit": (Merit,), "employment": (Employment,), "away": (AwayStatus,), "type": (NeedType,),
    "severity": (NeedSeverity,), "state": (NeedState, CardState, FileState), "cause": (NeedCause,),
    "outcome": (NeedOutcome,), "assistance": (Assistance,), "target": (OpinionTarget,),
    "kind": (ActivityKind, ExemplaryKind, PhotoKind), "attendance": (AttendeeKind,), "level": (HonourLevel,),
    "method": (ConfirmationMethod,), "result": (ConfirmationResult,),
}  # fmt: skip
_MONEY = frozenset({"cash_fen", "goods_fen", "money_fen"})
_TIMES = frozenset({"at", "saved_at", "found_at", "taken_at"})
_NOT_SHOWN = frozenset({"id_number", "phones", "sealed"})
_IDS = frozenset(
    {
        "person", "visit", "performer", "household", "duplicate_of", "merged_into", "distinct", "saved_at",
        "need", "activity", "people", "sha256", "width", "height",
    }
)  # fmt: skip
_CHINA = timezone(timedelta(hours=8))
_LONGEST = 300
# An identity, bank or telephone number among other words; a date has fewer digits in a row.
_NUMBER = re.compile(r"\d{7,}[Xx]?|(?<!\d)1\d\d[ -]\d{4}[ -]?\d{4}(?!\d)")
_NOT_NUMBERS = _MONEY | _TIMES | {"village", "unit", "organisation", "campaign"}
_UNTELLABLE = "其中有写不出来的内容"


@dataclass(frozen=True, slots=True)
class Names:
    """What codes are called: campaigns by code, organisations by code."""

    campaigns: Mapping[str, Campaign]
    organisations: Mapping[str, str]


def what(change: Change | None) -> str:
    """What kind of statement it is."""
    return _KINDS.get((change.entity, change.kind), "其他记录") if change is not None else "其他记录"


def why(code: str, field: str | None, message: str) -> str:
    """The reason for a refusal without an English word or a code; `message` where it is a new one."""
    return WHY[code].format(field=_label(field or "")) if code in WHY else message


def way_on(code: str) -> str:
    """What happens to it if nobody decides; empty where a decision is needed."""
    if code in DECIDABLE:
        return ""
    if code in _LACKING:
        return "缺的那条一到，这一条会自动收下。"
    return "要由填写人在手机上改好再传，不能直接收下。"


def said(change: Change | None, names: Names) -> list[tuple[str, str]]:
    """What the Change says, field by field: (label, words), a set's elements together."""
    told: dict[str, list[str]] = {}
    for name, value in (change.fields if change is not None else {}).items():
        head, _, element = name.partition("/")
        if head in _IDS:
            continue
        told.setdefault(_label(head), []).append(_told(head, element, value, names))
    return [(label, "、".join(words)[:_LONGEST]) for label, words in told.items()]


def _label(name: str) -> str:
    return _LABELS.get(name.partition("/")[0].partition(".")[0], "另一项")


def _told(head: str, element: str, value: Any, names: Names) -> str:
    """The words for any value that JSON can hold, or that there are none; no identity or telephone number."""
    try:
        words = _words(head, element, value, names)
        words = words if head in _NOT_NUMBERS else _NUMBER.sub("（号码不显示）", words)
        words.encode()  # half of a surrogate pair has no bytes, and no answer could hold it
    except Exception:  # noqa: BLE001 - one refused value must not hide all the others from the reviewer
        return _UNTELLABLE
    return words


def _words(head: str, element: str, value: Any, names: Names) -> str:
    if value is None or value is False:
        return f"去掉{_code(head, element, names)}" if element else "清空"
    if head in _NOT_SHOWN:
        return "已填，不显示"
    if head == "name":
        return mask_name(str(value))
    if element:
        return _code(head, element, names)
    if head in _MONEY and isinstance(value, int):
        return f"{value / 100:.2f} 元"
    if head in _TIMES:
        return _moment(str(value))
    return "是" if value is True else _code(head, str(value), names)


def _code(head: str, code: str, names: Names) -> str:
    if head in ("village", "unit", "organisation"):
        return names.organisations.get(code, code)
    if head == "campaign":
        return names.campaigns[code].name if code in names.campaigns else code
    if head in ("method", "result", "checklist"):
        lists = {"method": "methods", "result": "results", "checklist": "checklist"}
        every = (item for c in names.campaigns.values() for item in getattr(c, lists[head]))
        named = next((item.label for item in every if item.code == code), None)
        if named is not None:
            return named
    members = (member for codes in _CODES.get(head, ()) for member in codes)
    return next((str(member.label) for member in members if member.value == code), code)


def _moment(text: str) -> str:
    try:
        return datetime.fromisoformat(text).astimezone(_CHINA).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError):  # no time, or one beyond the calendar's edge in China
        return text
