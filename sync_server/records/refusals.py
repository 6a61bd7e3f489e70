"""Why a Change is quarantined: stable codes, each with a sentence for the worker.

A refused Change is kept with its bytes and its number counts as received (P6), so the sentence says
what is wrong and what can be done, and never that anything is lost. docs/SYNC.md lists the codes.
"""

from __future__ import annotations

from dataclasses import dataclass

SENTENCES: dict[str, str] = {
    "unreadable": "这一条读不懂，服务器已原样保留。请更新软件后重新填写。",
    "seq_reused": "这台设备的编号被用过两次（可能恢复过备份）。记录都在本机，软件会换新编号再传。",
    "unknown_entity": "服务器还不认识这类记录“{value}”，已原样保留。请联系管理员升级服务器。",
    "unknown_record": "要修改的记录不在服务器上，已原样保留。请刷新后重新填写。",
    "record_in_use": "这个编号已经用于另一类记录，已原样保留。请重新填写。",
    "unknown_person": "走访的对象不在服务器的名册里，已原样保留。请在名册里重新选人。",
    "unknown_visit": "所属的走访没有收下，这一条先保留着。请先改好那次走访。",
    "unknown_need": "所属的困难没有收下，这一条先保留着。请先看那条困难的情况。",
    "unknown_activity": "所属的座谈会或宣讲会没有收下，这一条先保留着。请先改好那次活动。",
    "unknown_actor": "这台设备没有登录过填写人的账号，已原样保留。请由本人登录后再填。",
    "unknown_performer": "走访人不在这部手机上，也不是这个单位的，已原样保留，等乡镇看。如有疑问请联系乡镇。",
    "bad_field": "“{field}”一项填得不对，已原样保留。请改正后重新保存。",
    "too_large": "这一条太长（超过 64 KB），已原样保留。请写短一些。",
    "outside_scope": "对象或单位不在您的管理范围内，已原样保留，等县里看。如有疑问请联系乡镇。",
    "unknown_campaign": "服务器没有活动“{value}”，已原样保留。请重新登录取得当前活动。",
    "unknown_method": "活动里没有走访方式“{value}”，已原样保留。请重新选择。",
    "unknown_result": "活动里没有走访结果“{value}”，或这种方式不能选它，已原样保留。请重新选择。",
    "unknown_checklist": "活动里没有走访内容“{value}”，已原样保留。请重新勾选。",
    "unknown_organisation": "没有代码为“{value}”的单位或村，已原样保留。请重新选择。",
    "over_limit": "{field} {value} 元超过单次上限 {limit} 元，已原样保留。填错了请改正；没填错，请报乡站。",
    "future_time": "走访时间比现在还晚，已原样保留。请核对手机的日期后改正。",
    "revoked": "这台设备已被停用，这一条已交审核员处理，不用重新填写。如有疑问请联系上级管理员。",
    "server_fault": "服务器处理这一条时出错，已原样保留。请联系管理员，不用重新填写。",
}

# What a worker calls the fields. One that a later version invents, or nobody ever did, is 其他.
_NAMES: dict[str, str] = {
    "name": "姓名", "sex": "性别", "born": "出生日期", "id_number": "身份证号", "phones": "电话",
    "village": "村", "unit": "单位", "hamlet": "自然村", "house": "门牌", "household": "户",
    "categories": "优抚类别", "living": "生活情况", "honours": "荣誉", "merit": "立功", "away": "是否外出",
    "away_place": "外出地点", "employment": "就业", "note": "备注", "person": "对象", "campaign": "走访活动",
    "organisation": "单位", "performer": "填写人", "method": "走访方式", "result": "走访结果",
    "checklist": "走访内容", "at": "走访时间", "saved_at": "保存时间", "cash_fen": "慰问金",
    "goods_fen": "慰问品折价", "goods_pieces": "慰问品件数", "goods": "慰问品名称", "letters": "慰问信",
    "booklets": "送法册数", "visit": "走访", "type": "困难类型", "severity": "困难程度", "state": "办理状态",
    "words": "内容", "found_at": "发现时间", "need": "困难",
    "activity": "活动", "cause": "困难原因", "outcome": "办理结果", "assistance": "帮扶措施",
    "money_fen": "帮扶资金", "satisfied": "是否满意", "target": "意见对象", "day": "日期",
    "anonymous": "不记名", "sealed": "加密内容", "kind": "种类", "place": "地点", "attendance": "参加人数",
    "people": "参加人员", "minutes": "纪要", "year": "年度", "level": "级别", "deeds": "事迹",
    "consent": "同意情况", "sha256": "图片编号", "size_bytes": "图片大小", "mime": "图片格式",
    "taken_at": "拍摄时间", "caption": "图片说明", "width": "图片宽度", "height": "图片高度",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one Change is quarantined; `field` is the record's field it is about."""

    code: str
    message: str
    field: str | None = None


def refusal(code: str, *, field: str | None = None, value: object = "", limit: object = "") -> Refusal:
    """The refusal `code` with its sentence.

    `value` and `limit` are shown cut to 24 characters, and are never personal; an amount is in yuan.
    """
    sentence = SENTENCES[code].format(field=_name_of(field), value=_shown(value), limit=_shown(limit))
    return Refusal(code, sentence, field[:64] if field else None)


def over_limit(field: str, fen: int, *, limit_fen: int) -> Refusal:
    """The refusal of an amount above the campaign's limit; both are named, in yuan."""
    return refusal("over_limit", field=field, value=_yuan(fen), limit=_yuan(limit_fen))


def _yuan(fen: int) -> str:
    return f"{fen // 100}" if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"


def _name_of(field: str | None) -> str:
    return _NAMES.get((field or "").partition("/")[0], "其他")


def _shown(value: object) -> str:
    return "".join(c if c.isprintable() else "?" for c in str(value))[:24]
