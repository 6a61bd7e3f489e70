"""What the server knows of the bytes in its store: which lie there whole, and who has sent them.

A proof is of the device that sent the bytes, and holds for every device of the same account: a phone that
was restored, or its successor. A record opens bytes only if one that named them in it has also sent them,
and 'already here, nothing to send' is said to that account alone; otherwise a known hash would open a photo
to whoever names it. Where the account's station lies, now or then, plays no part. Bytes in which a check has
found a fault count as missing until they come again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, select, update

from sync_server.db.engine import among, insert_missing
from sync_server.db.tables import changes, devices, photo_blobs, photo_facts, photo_proofs
from sync_server.photos.kinds import MediaKind
from sync_server.photos.receipts import Proof

_PAGE = 500

# Two devices, which are one or of one account.
_maker, _sender = devices.alias("maker"), devices.alias("sender")
_are_of_one = (_maker.c.id == _sender.c.id) | (_maker.c.account == _sender.c.account)

# Joins a row of photo_facts to its bytes: those that it names, if whoever named them in this very record has
# sent them. Writing a known hash into somebody else's record opens nothing.
BYTES_OF_RECORD = (photo_blobs.c.sha256 == photo_facts.c.sha256) & (
    select(photo_proofs.c.sha256)
    .select_from(photo_proofs, changes, _maker, _sender)
    .where(
        photo_proofs.c.sha256 == photo_facts.c.sha256,
        changes.c.record == photo_facts.c.record,
        changes.c.entity == "photo",
        changes.c.fields.contains(photo_facts.c.sha256),
        _maker.c.id == changes.c.device,
        _sender.c.id == photo_proofs.c.device,
        _are_of_one,
    )
    .correlate(photo_facts)
    .exists()
)


def prove(connection: Connection, proof: Proof, kind: MediaKind, *, county: str, device: str) -> Proof:
    """Note that the bytes lie whole in the store, inside the caller's write transaction.

    Gives the proof that holds: the account's first one, if it has one already. A fault found in the
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
    return proofs_of(connection, [proof.sha256], device)[proof.sha256]


def proofs_of(connection: Connection, digests: Collection[str], device: str) -> dict[str, Proof]:
    """Those of `digests` that `device`, or another of its account, has sent and in which no check has found
    a fault.

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
        .join(_sender, _sender.c.id == photo_proofs.c.device)
        .join(_maker, _are_of_one)
        .where(
            among(photo_proofs.c.sha256, list(digests)),
            _maker.c.id == device,
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
