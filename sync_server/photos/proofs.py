"""What the server knows of the bytes in its store: which lie there whole, and who has sent them.

A proof is of an organisation: 'already here, nothing to send' said to another one would let a known hash
open a stranger's photo. Bytes in which a check has found a fault count as missing until they come again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, select, update

from sync_server.db.engine import among, insert_missing
from sync_server.db.tables import changes, photo_blobs, photo_proofs
from sync_server.photos.kinds import MediaKind
from sync_server.photos.receipts import Proof

_PAGE = 500


def prove(connection: Connection, proof: Proof, kind: MediaKind, *, county: str, device: str) -> Proof:
    """Note that the bytes lie whole in the store, inside the caller's write transaction.

    Gives the proof that holds: the organisation's first one, if it has one already. A fault found in the
    bytes before is mended by it.
    """
    blob = {
        "sha256": proof.sha256,
        "size_bytes": proof.size_bytes,
        "mime": kind.mime,
        "stored_at": proof.proven_at,
        "thumbnail": "none" if kind.is_video else "waiting",
        "checked_at": proof.proven_at,
        "fault": "",
    }
    sound = {"checked_at": proof.proven_at, "fault": ""}
    insert_missing(connection, photo_blobs, [blob])
    connection.execute(update(photo_blobs).where(photo_blobs.c.sha256 == proof.sha256).values(**sound))
    row = {
        "county": county,
        "organisation": proof.organisation,
        "sha256": proof.sha256,
        "device": device,
        "proven_at": proof.proven_at,
    }
    insert_missing(connection, photo_proofs, [row])
    return proofs_of(connection, [proof.sha256], [proof.organisation])[proof.sha256]


def proofs_of(
    connection: Connection, digests: Collection[str], organisations: Collection[str]
) -> dict[str, Proof]:
    """Those of `digests` that one of `organisations` has sent and in which no check has found a fault.

    Whether the store still has them is asked of it (`Shelf.proofs`).
    Of several proofs of the same bytes the earliest is given.
    """
    query = (
        select(
            photo_proofs.c.sha256,
            photo_blobs.c.size_bytes,
            photo_proofs.c.organisation,
            photo_proofs.c.proven_at,
        )
        .join(photo_blobs, photo_blobs.c.sha256 == photo_proofs.c.sha256)
        .where(
            among(photo_proofs.c.sha256, list(digests)),
            photo_proofs.c.organisation.in_(sorted(organisations)),
            photo_blobs.c.fault == "",
        )
        .order_by(photo_proofs.c.proven_at.desc(), photo_proofs.c.organisation.desc())
    )
    return {row.sha256: Proof(*row) for row in connection.execute(query)}


def is_named_by(connection: Connection, digest: str, *, county: str, device: str) -> bool:
    """Whether a Change of `device`, refused or not, names these bytes: a revoked one may still send them."""
    said = select(changes.c.fields).where(
        changes.c.county == county,
        changes.c.device == device,
        changes.c.entity == "photo",
        changes.c.fields.contains(digest, autoescape=True),
    )
    return connection.execute(said.limit(1)).first() is not None


def kept_blobs(connection: Connection) -> Iterator[tuple[str, int]]:
    """Every hash that should lie in the store, and its size, in the order of the hashes."""
    last = ""
    while True:
        page = connection.execute(
            select(photo_blobs.c.sha256, photo_blobs.c.size_bytes)
            .where(photo_blobs.c.sha256 > last)
            .order_by(photo_blobs.c.sha256)
            .limit(_PAGE)
        ).all()
        if not page:
            return
        yield from ((row.sha256, row.size_bytes) for row in page)
        last = page[-1].sha256


def note_checks(connection: Connection, faults: dict[str, str], *, begun_ms: int, now_ms: int) -> None:
    """What a check of these hashes found ("" for nothing), inside the caller's write transaction.

    What was proven again since `begun_ms`, when the check began to look, stays proven.
    """
    for fault in sorted(set(faults.values())):
        digests = [digest for digest, found in faults.items() if found == fault]
        here = among(photo_blobs.c.sha256, digests) & (photo_blobs.c.checked_at <= begun_ms)
        connection.execute(update(photo_blobs).where(here).values(fault=fault, checked_at=now_ms))
