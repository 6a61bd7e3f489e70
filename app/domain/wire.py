"""What crosses between phone and server: NDJSON lines, their limits, and how they are read.

A request is one header line, one line a Change, one end line; an answer is one line a receipt or
row, and one end line. The end line counts the others, so a body cut anywhere is noticed and
changes nothing (P13). Sent bodies are gzip. docs/SYNC.md names every field.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json, to_json

from app.domain.change import Change
from app.domain.digest import Buckets, Digest
from app.domain.errors import TooLarge, UnsupportedProtocol, WireError
from app.domain.merge import Candidate, Head, Mark

PROTOCOL = 2
SUPPORTED = frozenset({1, 2})  # a server takes the last two (P14); 1 knows no removals, no digest
BATCH_CHANGES = 5000  # the most Changes in one request; each costs a commit at either end
BATCH_BYTES = 4 * 2**20  # the most bytes of a request, after decompression
PAGE_ROWS = 2000  # the most rows in one answer
_DEEPEST = 32  # brackets within brackets in a Change; what reads and writes JSON recurses

Status = Literal["accepted", "accepted_with_conflict", "quarantined"]


class SyncHeader(BaseModel):
    """First line of a request. `first` is the `seq` of the first Change; they follow without gaps.

    `merges_own`: the device merges its own Changes into what it holds, where the answer says so (Own).
    """

    model_config = ConfigDict(frozen=True)

    protocol: int
    device: str
    cursor: str | None = None
    first: int = Field(default=1, ge=1, lt=2**53)
    count: int = Field(default=0, ge=0, le=BATCH_CHANGES)
    sent_at: int = Field(ge=0, lt=2**47)  # the device's wall clock, Unix ms
    app: str = ""
    merges_own: bool = False


class Unreadable(BaseModel):
    """A line that is no Change: it still has its number, and so its receipt (P6)."""

    seq: int
    text: str
    reason: str


class PushBatch(BaseModel):
    """A decoded request: the header, and for each number in order a Change or what stood in its place."""

    header: SyncHeader
    changes: list[Change | Unreadable]


class Receipt(BaseModel):
    """The server's durable answer for one Change; asking again gives the same (P2, P3).

    `version` is the record's version that the change made. `ref` is an 8-character code that can be
    read out on the phone. For a quarantined change `code`, `message` (a sentence for the worker) and
    `field` say why.
    """

    model_config = ConfigDict(frozen=True)

    seq: int
    status: Status
    version: int = 0
    ref: str = ""
    code: str | None = None
    message: str | None = None
    field: str | None = None


class Gone(BaseModel):
    """A record that the device may no longer hold (P11): to be removed once its unsent work has gone."""

    model_config = ConfigDict(frozen=True)

    entity: str
    record: str


class Own(NamedTuple):
    """A row in short: it is what the device holds, with its own Change `seq` of this request merged in.

    `version` and `effective` are of the mark that the Change got; the rest of it the device knows.
    """

    seq: int
    version: int
    effective: int


class AnswerEnd(BaseModel):
    """Last line of an answer.

    `cursor` is the feed position after these rows; `more` says that further rows wait behind it.
    `epoch` changes when the server is restored from a backup; `have` is the highest gap-free seq it
    holds of this device; `time` is its clock in Unix ms. `rows` counts heads and removals together.
    `restarted` says that these rows begin at the start of the feed although a cursor was sent (another
    epoch or scope): what the whole pull does not bring again, the device may no longer hold. `digest`
    comes with the last page (digest.py). `is_revoked`: the device was switched off; its Changes are
    kept for a reviewer and it gets no rows. `own` counts the rows in short. `levels`: of which level of
    the organisation tree (OrgKind) the accounts are that the rows' `marks` name; the device's own and
    whoever is none are left out.
    """

    model_config = ConfigDict(frozen=True)

    receipts: int
    rows: int
    cursor: str
    more: bool
    epoch: str
    have: int
    time: int
    restarted: bool = False
    digest: Digest | None = None
    is_revoked: bool = False
    own: int = 0
    levels: dict[str, str] = Field(default_factory=dict)


class DigestQuestion(BaseModel):
    """POST /v1/digest: what do you hold for this device, by part? And the rows of `want`, if any.

    Asked only when the digest of an answer's end line differs from the phone's. `want` names the
    buckets of each entity whose rows are to be sent again.
    """

    device: str
    cursor: str
    want: dict[str, list[int]] = Field(default_factory=dict)


class DigestAnswer(BaseModel):
    """The server's digest by bucket at `cursor`, and the rows asked for, as `head_to_json` gives them.

    `levels` as in AnswerEnd.
    """

    cursor: str
    parts: Buckets
    rows: list[dict[str, Any]] = Field(default_factory=list)
    levels: dict[str, str] = Field(default_factory=dict)


class Answer(BaseModel):
    """A decoded answer; `rows` are heads in feed order, `gone` removals, `own` rows in short by seq."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    receipts: list[Receipt]
    rows: list[Head]
    end: AnswerEnd
    gone: list[Gone] = Field(default_factory=list)
    own: list[Own] = Field(default_factory=list)


def encode_request(header: SyncHeader, changes: Sequence[Change]) -> bytes:
    """The request's plain bytes. `changes` must be the numbers `first`, `first + 1`, ... of the device."""
    assert [c.seq for c in changes] == list(range(header.first, header.first + len(changes)))
    lines: list[Any] = [header.model_copy(update={"count": len(changes)}).model_dump(exclude_defaults=False)]
    lines += [_told(c) for c in changes]
    lines.append({"end": {"count": len(changes)}})
    return b"".join(to_json(line) + b"\n" for line in lines)


def decode_request(body: bytes) -> PushBatch:
    """The batch in `body` (plain bytes).

    Raises WireError if header or end line is missing or the counts differ, UnsupportedProtocol,
    TooLarge. A line in between that is no Change becomes `Unreadable` and holds up nothing else.
    """
    if len(body) > BATCH_BYTES:
        sentence = f"这次传送有 {len(body)} 字节，超过 {BATCH_BYTES} 字节的上限，请分几次传。"
        raise TooLarge(sentence, limit=BATCH_BYTES)
    lines = body.split(b"\n")
    if len(lines) < 3 or lines[-1] != b"":
        raise WireError("传送的内容不完整，没有结束行。请重新传一次。")
    header = _header(lines[0])
    end = _loads(lines[-2])
    if not isinstance(end, dict) or end.get("end") != {"count": header.count}:
        raise WireError("传送的内容不完整，结束行与条数不符。请重新传一次。")
    if len(lines) - 3 != header.count:
        raise WireError(f"应有 {header.count} 条，实际 {len(lines) - 3} 条。请重新传一次。")
    changes = [_change(line, header.device, header.first + i) for i, line in enumerate(lines[1:-2])]
    return PushBatch(header=header, changes=changes)


def encode_answer(
    receipts: Iterable[Receipt],
    rows: Iterable[str],
    end: AnswerEnd,
    *,
    gone: Iterable[Gone] = (),
    own: Sequence[Own] = (),
) -> bytes:
    """The answer's plain bytes; `end` must count `receipts`, `rows` and `gone` together, and `own`.

    `rows` are heads as `row_text` writes them, which is also how the server stores them: a page of
    thousands is joined, not decoded and encoded again.
    """
    lines = [to_json({"receipt": _without_defaults(r)}).decode() for r in receipts]
    lines += [f'{{"row":{row}}}' for row in rows]
    lines += [_dumps({"gone": removal.model_dump()}) for removal in gone]
    assert (len(lines), len(own)) == (end.receipts + end.rows, end.own)
    if own:  # in one line: a line each would be longer than what it says
        lines.append(_dumps({"own": own}))
    lines.append(_dumps({"end": end.model_dump(exclude_defaults=True)}))
    return ("\n".join(lines) + "\n").encode()


def row_text(head: Head) -> str:
    """A head as one line of JSON: what the server stores and sends, what the phone stores."""
    return to_json(head_to_json(head)).decode()


def decode_answer(body: bytes) -> Answer:
    """The answer in `body` (plain bytes); raises WireError if it is cut, miscounted or not an answer."""
    receipts: list[Receipt] = []
    rows: list[Head] = []
    gone: list[Gone] = []
    own: list[Own] = []
    end: AnswerEnd | None = None
    try:
        for line in body.split(b"\n")[:-1]:
            item = _parsed(line)
            if end is not None:
                raise WireError("服务器的回答在结束行之后还有内容。")
            if "row" in item:
                rows.append(head_from_json(item["row"]))
            elif "receipt" in item:
                receipts.append(Receipt.model_validate(item["receipt"]))
            elif "gone" in item:
                gone.append(Gone.model_validate(item["gone"]))
            elif "own" in item:
                own += [Own(*map(int, one)) for one in item["own"]]
            else:
                end = AnswerEnd.model_validate(item["end"])
    except (ValueError, KeyError, TypeError, IndexError) as fault:
        raise WireError("服务器的回答读不懂，稍后会再试。") from fault
    found = (len(receipts), len(rows) + len(gone), len(own))
    if end is None or (end.receipts, end.rows, end.own) != found:
        raise WireError("服务器的回答不完整，稍后会再试。")
    return Answer(receipts=receipts, rows=rows, end=end, gone=gone, own=own)


def head_to_json(head: Head) -> dict[str, Any]:
    """A head as JSON values; `marks` is left out when the first writer wrote everything."""
    row: dict[str, Any] = {
        "entity": head.entity,
        "record": head.record,
        "version": head.version,
        "values": head.values,
        "first": head.first,
    }
    if head.marks:
        row["marks"] = head.marks
    return row


def head_from_json(row: dict[str, Any]) -> Head:
    """The inverse of `head_to_json`; raises KeyError, TypeError or ValueError on anything else."""
    if not (isinstance(row, dict) and isinstance(row["values"], dict) and isinstance(row["record"], str)):
        raise TypeError("not a head")
    version = int(row["version"])
    if not 0 <= version < 2**53:
        raise ValueError("no version")
    marks = {
        name: tuple(Candidate(Mark(*mark), value) for mark, value in found)
        for name, found in row.get("marks", {}).items()
    }
    return Head(row["entity"], row["record"], version, row["values"], Mark(*row["first"]), marks)


_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _told(change: Change) -> dict[str, Any]:
    """A Change as its line has it: without what the header says, and without defaults."""
    return {
        name: value
        for name, value in change.__dict__.items()
        if name not in _IN_HEADER and value != _CHANGE_DEFAULTS.get(name, _NO_DEFAULT)
    }


def _without_defaults(receipt: Receipt) -> dict[str, Any]:
    return {
        name: value
        for name, value in receipt.__dict__.items()
        if value != _RECEIPT_DEFAULTS.get(name, _NO_DEFAULT)
    }


def _defaults(model: type[BaseModel]) -> dict[str, Any]:
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
        if not field.is_required()
    }


_OLDER = "服务器的版本比手机上的软件旧，这次没有传。照常记录，服务器升级后会自动再传。记录都在本机。"
_NEWER = "手机上的软件太旧，服务器不认。请更新软件，照常记录也不要紧，更新后会自动再传。记录都在本机。"
_IN_HEADER = frozenset({"device", "seq"})
_NO_DEFAULT = object()
_CHANGE_DEFAULTS = _defaults(Change)
_RECEIPT_DEFAULTS = _defaults(Receipt)


def _parsed(line: bytes) -> Any:
    """The JSON value in `line`. Pydantic's parser is three times as fast as Python's, which is asked only
    about what the former refuses, such as half a surrogate pair."""
    try:
        return from_json(line)
    except ValueError:
        return json.loads(line)


def _loads(line: bytes) -> Any:
    try:
        return _parsed(line)
    except (ValueError, RecursionError) as fault:  # brackets nested by the thousand are no recursion of ours
        raise WireError("传送的内容不是约定的格式。请更新软件后再传。") from fault


def _header(line: bytes) -> SyncHeader:
    raw = _loads(line)
    protocol = raw.get("protocol") if isinstance(raw, dict) else None
    if isinstance(protocol, int) and protocol not in SUPPORTED:
        raise UnsupportedProtocol(_OLDER if protocol > PROTOCOL else _NEWER)
    count = raw.get("count") if isinstance(raw, dict) else None
    if type(count) is int and count > BATCH_CHANGES:
        sentence = f"这次传送有 {count} 条，超过一次 {BATCH_CHANGES} 条的上限，请分几次传。"
        raise TooLarge(sentence, field="count", limit=BATCH_CHANGES)
    try:
        return SyncHeader.model_validate(raw)
    except ValidationError as fault:
        raise WireError(f"传送的第一行有误：{_where(fault)}。请更新软件后再传。") from fault


def _change(line: bytes, device: str, seq: int) -> Change | Unreadable:
    try:
        raw = _parsed(line)
        if line.count(b"[") + line.count(b"{") > _DEEPEST and not _is_shallow(raw, _DEEPEST):
            raise ValueError("nested beyond what any field holds")
        return Change.model_validate({**raw, "device": device, "seq": seq})
    except ValidationError as fault:
        return Unreadable(seq=seq, text=line.decode("utf-8", "replace"), reason=_where(fault))
    except (ValueError, TypeError, RecursionError):
        return Unreadable(seq=seq, text=line.decode("utf-8", "replace"), reason="json")


def _is_shallow(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_shallow(one, levels - 1) for one in inner)


def _where(fault: ValidationError) -> str:
    return "、".join(sorted({".".join(map(str, e["loc"])) or "json" for e in fault.errors()}))
