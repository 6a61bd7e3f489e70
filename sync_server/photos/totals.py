"""How many photos there are and how many the server can vouch for, by place and by phone, down to each one.

A photo counts with its record: **taken** are the records that were accepted and not taken back; **sent**
those whose bytes have come whole; **proven** those whose bytes also were whole when they were last hashed;
**missing** all others. Records never wait for photos, so a photo may be missing for days and nothing is
wrong. Places come in administrative order and phones by place: nobody is ranked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, case, func, select

from app.domain.codes import PhotoKind
from sync_server.db.engine import among
from sync_server.db.tables import accounts, changes, devices, heads, organisations, photo_blobs, photo_facts
from sync_server.photos.proofs import BYTES_OF_RECORD
from sync_server.records.scope import Scope
from sync_server.summary.places import Place

PAGE_PHOTOS = 60
_PROVEN = (photo_blobs.c.sha256.is_not(None)) & (photo_blobs.c.fault == "")


@dataclass(frozen=True, slots=True)
class Totals:
    """Photos, not files: two records of the same bytes are two."""

    taken: int = 0
    sent: int = 0
    proven: int = 0

    @property
    def missing(self) -> int:
        return self.taken - self.proven

    def __add__(self, other: Totals) -> Totals:
        return Totals(self.taken + other.taken, self.sent + other.sent, self.proven + other.proven)


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """An organisation's totals, with all below it; `place` is None for what lies in none of those listed."""

    place: Place | None
    totals: Totals


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """The photos whose records one phone made. `last_seen_at` is Unix ms, None if it never came back."""

    device: str
    label: str
    organisation: str
    last_seen_at: int | None
    is_revoked: bool
    totals: Totals


@dataclass(frozen=True, slots=True)
class Listed:
    """One photo. `state` is proven, missing (nothing is here) or damaged (what is here is not whole)."""

    record: str
    sha256: str
    kind: str
    day: str
    organisation: str
    state: str
    is_video: bool
    has_thumbnail: bool
    phone: PhoneLine | None


@dataclass(frozen=True, slots=True)
class ListedPage:
    """`cursor` leads to the next page, "" on the last."""

    photos: list[Listed]
    cursor: str


def totals_by_place(
    connection: Connection, scope: Scope, campaign: str, here: Place, below: Iterable[Place]
) -> list[PlaceLine]:
    """A line for each of `below`, in their order, then what lies in none of them, if anything does."""
    query = _photos(scope, campaign).add_columns(heads.c.path, *_SUMS).group_by(heads.c.path)
    found: dict[str | None, Totals] = {}
    for row in connection.execute(query):
        child = here.child_of(row.path)
        found[child] = found.get(child, Totals()) + _totals(row)
    lines = [PlaceLine(place, found.pop(place.code, Totals())) for place in below]
    rest = sum(found.values(), Totals())
    return [*lines, PlaceLine(None, rest)] if rest.taken else lines


def totals_by_phone(connection: Connection, scope: Scope, campaign: str) -> list[PhoneLine]:
    """A line for each phone that made a record of a photo here, by organisation, then by label."""
    query = _photos(scope, campaign).add_columns(_MAKER.label("device"), *_SUMS).group_by("device")
    totals = {row.device: _totals(row) for row in connection.execute(query)}
    phones = _phones(connection, totals)
    return [
        PhoneLine(p.device, p.label, p.organisation, p.last_seen_at, p.is_revoked, totals[p.device])
        for p in phones.values()
    ]


def photos_in(
    connection: Connection,
    scope: Scope,
    campaign: str,
    *,
    only_missing: bool = False,
    device: str = "",
    after: str = "",
) -> ListedPage:
    """PAGE_PHOTOS photos in the order of their records, from behind `after`; of one `device` if given."""
    query = (
        _photos(scope, campaign)
        .join(organisations, organisations.c.code == photo_facts.c.organisation, isouter=True)
        .add_columns(
            photo_facts.c.record,
            photo_facts.c.sha256,
            photo_facts.c.kind,
            photo_facts.c.day,
            func.coalesce(organisations.c.name, "").label("organisation"),
            func.coalesce(photo_blobs.c.fault, "missing").label("fault"),
            func.coalesce(photo_blobs.c.thumbnail, "none").label("thumbnail"),
            func.coalesce(photo_blobs.c.mime, "").label("mime"),
            _MAKER.label("device"),
        )
        .where(photo_facts.c.record > after)
        .order_by(photo_facts.c.record)
        .limit(PAGE_PHOTOS + 1)
    )
    if only_missing:
        query = query.where(photo_blobs.c.sha256.is_(None) | (photo_blobs.c.fault != ""))
    if device:
        query = query.where(_MAKER.in_([device]))
    rows = connection.execute(query).all()
    phones = _phones(connection, {row.device for row in rows})
    listed = [
        Listed(
            record=row.record,
            sha256=row.sha256,
            kind=_kind_label(row.kind),
            day=row.day,
            organisation=row.organisation,
            state=row.fault or "proven",
            is_video=row.mime.startswith("video/"),
            has_thumbnail=not row.fault and row.thumbnail == "made",
            phone=phones.get(row.device),
        )
        for row in rows[:PAGE_PHOTOS]
    ]
    return ListedPage(listed, listed[-1].record if len(rows) > PAGE_PHOTOS else "")


_SUMS = (
    func.count().label("taken"),
    func.count(photo_blobs.c.sha256).label("sent"),
    func.sum(case((_PROVEN, 1), else_=0)).label("proven"),
)


# The phone that made a photo's record; of several ids of one phone (after a restore) the last.
_MAKER = func.coalesce(
    select(changes.c.device)
    .where(changes.c.record == photo_facts.c.record, changes.c.kind == "create")
    .order_by(changes.c.feed_no.desc())
    .limit(1)
    .correlate(photo_facts)
    .scalar_subquery(),
    "",
)


def _photos(scope: Scope, campaign: str) -> Select[Any]:
    """Every photo of the campaign in `scope`, with what is known of its bytes; the caller adds columns."""
    return (
        select()
        .select_from(photo_facts)
        .join(heads, (heads.c.county == photo_facts.c.county) & (heads.c.record == photo_facts.c.record))
        .join(photo_blobs, BYTES_OF_RECORD, isouter=True)
        .where(
            photo_facts.c.campaign == campaign,
            ~photo_facts.c.is_voided,
            scope.condition(heads.c.path, heads.c.unit_path),
        )
    )


def _phones(connection: Connection, wanted: Iterable[str]) -> dict[str, PhoneLine]:
    """The devices by id, by organisation and then by label; one that is not known any more has no label."""
    from_accounts = (
        select(
            devices.c.id,
            devices.c.label,
            devices.c.last_seen_at,
            devices.c.revoked_at,
            func.coalesce(organisations.c.name, "").label("organisation"),
            func.coalesce(organisations.c.path, "").label("path"),
        )
        .join(accounts, accounts.c.id == devices.c.account, isouter=True)
        .join(organisations, organisations.c.code == accounts.c.organisation, isouter=True)
        .where(among(devices.c.id, list(wanted)))
    )
    rows = sorted(connection.execute(from_accounts).all(), key=lambda row: (row.path, row.label, row.id))
    return {
        row.id: PhoneLine(
            row.id, row.label, row.organisation, row.last_seen_at, row.revoked_at is not None, Totals()
        )
        for row in rows
    }


def _totals(row: Any) -> Totals:
    return Totals(int(row.taken), int(row.sent), int(row.proven))


def _kind_label(code: str) -> str:
    return PhotoKind[code].label if code in PhotoKind.__members__ else code
