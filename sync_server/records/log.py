"""The log of Changes: every one ever received, with its receipt. Nothing is deleted here.

A Change's content is hashed as it was received, so that a number sent again is told apart from a
number used twice (P2).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection, bindparam, select

from app.domain.change import Change
from app.domain.wire import Receipt, Status, Unreadable
from sync_server.db.engine import among, insert_new
from sync_server.db.tables import changes as log
from sync_server.records.accounts import DeviceRow
from sync_server.records.refusals import Refusal

# Read out on the phone: nothing that looks like another (no 0, O, 1, I). Ten bits are a pair of them.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PAIRS = [a + b for a in _LETTERS for b in _LETTERS]


@dataclass(frozen=True, slots=True)
class Content:
    """A Change as it is kept: its fields as text, and the hash of the whole.

    `is_plain`: every name and text in it can be stored and sent on as UTF-8 without NUL.
    """

    fields: str
    content_hash: str
    is_plain: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """What the log holds under a (device, seq): the hash then and the receipt given."""

    content_hash: str
    receipt: Receipt


def content_of(change: Change | Unreadable) -> Content:
    """What was received, spelt one way; never raises, whatever the fields hold."""
    if isinstance(change, Unreadable):
        text = change.text.replace("\0", "\ufffd")
        return Content(text, sha256(b"unreadable\n" + change.text.encode("utf-8", "replace")).hexdigest())
    told: list[Any] = [change.hlc, change.actor, change.entity, change.record, change.kind, change.base]
    if (
        change.replaces is not None
    ):  # left out otherwise, or what was logged before there was a mend is reused
        told.append(change.replaces)
    try:
        fields = to_json(change.fields)
        is_plain = b"\\u0000" not in fields
    except ValueError:  # half a surrogate pair: kept escaped, as it came
        fields, is_plain = json.dumps(change.fields).encode(), False
    return Content(fields.decode(), sha256(to_json(told) + b"\n" + fields).hexdigest(), is_plain)


def ref_of(device: str, seq: int, content: Content) -> str:
    """Eight characters by which a worker and the station can speak about one Change on the phone."""
    digest = blake2b(f"{device}\n{seq}\n{content.content_hash}".encode(), digest_size=5).digest()
    bits = int.from_bytes(digest, "big")
    return _PAIRS[bits >> 30] + _PAIRS[bits >> 20 & 1023] + _PAIRS[bits >> 10 & 1023] + _PAIRS[bits & 1023]


def known(connection: Connection, device: DeviceRow, seqs: Sequence[int]) -> dict[int, Known]:
    """What the log holds of `device` from the lowest to the highest of `seqs`."""
    if not seqs:
        return {}
    wanted = {"county_": device.county, "device_": device.id, "first": min(seqs), "last": max(seqs)}
    return {row.seq: Known(row.content_hash, _receipt(row)) for row in connection.execute(_KNOWN, wanted)}


_KNOWN = select(
    log.c.seq,
    log.c.content_hash,
    log.c.status,
    log.c.code,
    log.c.message,
    log.c.field,
    log.c.version,
    log.c.ref,
).where(
    log.c.county == bindparam("county_"),
    log.c.device == bindparam("device_"),
    log.c.seq.between(bindparam("first"), bindparam("last")),
)


def log_row(  # one row has many columns, and this is the place that fills them
    device: DeviceRow,
    change: Change | Unreadable,
    content: Content,
    *,
    received_at: int,
    effective: int,
    feed_no: int,
    status: Status,
    version: int = 0,
    refused: Refusal | None = None,
) -> dict[str, Any]:
    """The row of one Change; its `feed_no` counts from 0 until feed numbers are taken."""
    told: dict[str, Any] = (
        {"hlc": 0, "actor": "", "entity": "", "record": "", "kind": "", "base": 0, "replaces": None}
        if isinstance(change, Unreadable)
        else {
            "hlc": change.hlc,
            "actor": _storable(change.actor),
            "entity": _storable(change.entity),
            "record": _storable(change.record),
            "kind": change.kind,
            "base": change.base,
            "replaces": change.replaces,
        }
    )
    return told | {
        "county": device.county,
        "device": device.id,
        "seq": change.seq,
        "received_at": received_at,
        "effective": effective,
        "feed_no": feed_no,
        "fields": content.fields,
        "content_hash": content.content_hash,
        "status": status,
        "code": refused.code if refused else None,
        "message": refused.message if refused else None,
        "field": refused.field if refused else None,
        "version": version,
        "ref": ref_of(device.id, change.seq, content),
    }


def change_of(row: Any) -> Change | None:
    """The Change that a row of the log was written from; None for a line that was no Change."""
    if not row.entity:
        return None
    return Change(
        device=row.device,
        seq=row.seq,
        hlc=row.hlc,
        actor=row.actor,
        entity=row.entity,
        record=row.record,
        kind=row.kind,
        base=row.base,
        replaces=row.replaces,
        fields=json.loads(row.fields),
    )


class SaidBefore:
    """What has been said of some records, to find a Change that another device id has said before.

    A phone that takes a fresh device id sends again what it has no receipt for; a create with the same
    fields as the record's own is the same, whenever and by whom it was said (P2). A device that says the
    same under two of its own numbers means it anew.
    """

    def __init__(self, connection: Connection, here: Sequence[tuple[Change, Content]]) -> None:
        """`here` are the Changes about records that are in the database."""
        self._rows: dict[str, list[Mapping[str, Any]]] = {}
        if here:
            wanted = {
                "records": [change.record for change, _ in here],
                "hashes": [content.content_hash for _, content in here],
                "created": [change.record for change, _ in here if change.kind == "create"],
            }
            self.add(dict(row._mapping) for row in connection.execute(_SAID, wanted))

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Count rows of the log among what has been said; refused ones are passed over."""
        for row in rows:
            if row["status"] != "quarantined":
                self._rows.setdefault(row["record"], []).append(row)

    def version(self, change: Change, content: Content) -> int | None:
        """The version that the same made when it was said under another device id; None if it was not."""
        others = [row for row in self._rows.get(change.record, ()) if row["device"] != change.device]
        same = [row for row in others if row["content_hash"] == content.content_hash]
        if change.kind == "create":
            spelt = _spelt(content.fields) if others else ""
            creates = (row for row in others if row["kind"] == "create")
            same += [row for row in creates if _spelt(row["fields"]) == spelt]
        return same[-1]["version"] if same else None


_SAID = select(
    log.c.record, log.c.device, log.c.content_hash, log.c.kind, log.c.fields, log.c.version, log.c.status
).where(
    among(log.c.record, "records"),
    log.c.status != "quarantined",
    among(log.c.content_hash, "hashes") | ((log.c.kind == "create") & among(log.c.record, "created")),
)


def receipt_of(row: dict[str, Any]) -> Receipt:
    """The receipt that a log row stands for."""
    return Receipt(
        seq=row["seq"],
        status=row["status"],
        version=row["version"],
        ref=row["ref"],
        code=row["code"],
        message=row["message"],
        field=row["field"],
    )


def write(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Append `rows` to the log."""
    insert_new(connection, log, rows)


def _receipt(row: Any) -> Receipt:
    return receipt_of(dict(row._mapping))


def _spelt(fields: str) -> str:
    """Fields as text in one order of names."""
    return json.dumps(json.loads(fields), sort_keys=True)


def _storable(text: str) -> str:
    return text.replace("\0", "\ufffd")
