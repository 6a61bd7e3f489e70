"""Hashing everything in the store again: what is missing, what is damaged, what nobody has noted.

A fault is kept with the bytes: from then on they count as missing, no photo of them is shown or called
'already here', and a phone that still has them sends them again. A photo found whole again is whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import select

from sync_server.db.engine import among, reading, written
from sync_server.db.tables import photo_blobs, photo_facts, photo_proofs
from sync_server.photos.blobs import PHOTOS, digest_of, name_of
from sync_server.photos.proofs import kept_blobs, note_checks
from sync_server.photos.shelf import Shelf

MISSING, DAMAGED = "missing", "damaged"
_PAGE = 100  # hashes noted in one commit: what was checked stays noted if the check is broken off


@dataclass(frozen=True, slots=True)
class Fault:
    """Bytes that are not whole in the store. `records` name them; `devices` have proven them once."""

    sha256: str
    fault: str
    records: list[str]
    devices: list[str]


@dataclass(slots=True)
class Checked:
    """What a check found. `strays` lie in the store without a note, of uploads that a crash cut short."""

    photos: int = 0
    size_bytes: int = 0
    faults: list[Fault] = field(default_factory=list)
    strays: int = 0


def check_all(shelf: Shelf, *, now_ms: Callable[[], int]) -> Checked:
    """Hash every photo that should be there, in the order of the hashes, and note what was found.

    May run beside a serving server. Raises Unavailable if the store cannot be asked: then nothing is
    called missing.
    """
    result = Checked()
    with reading(shelf.engine) as connection:
        expected = dict(kept_blobs(connection))
    digests = list(expected)
    for start in range(0, len(digests), _PAGE):
        begun_ms = now_ms()
        found = {digest: _fault_of(shelf, digest) for digest in digests[start : start + _PAGE]}
        written(shelf.engine, partial(note_checks, faults=found, begun_ms=begun_ms, now_ms=now_ms()))
    result.photos, result.size_bytes = len(expected), sum(expected.values())
    result.faults = _faults(shelf)
    result.strays = sum(name.rpartition("/")[2] not in expected for name in shelf.blobs.names(PHOTOS))
    return result


def _fault_of(shelf: Shelf, digest: str) -> str:
    pieces = shelf.blobs.pieces(name_of(PHOTOS, digest))
    if pieces is None:
        return MISSING
    try:
        return "" if digest_of(pieces)[0] == digest else DAMAGED
    except OSError:
        return DAMAGED  # the disk cannot read it


def _faults(shelf: Shelf) -> list[Fault]:
    with reading(shelf.engine) as connection:
        query = select(photo_blobs.c.sha256, photo_blobs.c.fault).where(photo_blobs.c.fault != "")
        faults = {row.sha256: row.fault for row in connection.execute(query.order_by(photo_blobs.c.sha256))}
        records: dict[str, list[str]] = {digest: [] for digest in faults}
        devices: dict[str, list[str]] = {digest: [] for digest in faults}
        named = select(photo_facts.c.sha256, photo_facts.c.record).where(
            among(photo_facts.c.sha256, list(faults)), ~photo_facts.c.is_voided
        )
        for row in connection.execute(named.order_by(photo_facts.c.record)):
            records[row.sha256].append(row.record)
        sent = select(photo_proofs.c.sha256, photo_proofs.c.device).where(
            among(photo_proofs.c.sha256, list(faults))
        )
        for row in connection.execute(sent.order_by(photo_proofs.c.device)):
            devices[row.sha256].append(row.device)
    return [Fault(digest, fault, records[digest], devices[digest]) for digest, fault in faults.items()]
