"""P1, P9, P10 of photos: none is lost, each is proven by bytes on the server, none is cleared before."""

from __future__ import annotations

from app.store import photo_files
from app.store.retention import RETENTION_MS
from tests.simulation.found import Found
from tests.simulation.oracle import Oracle, SavedPhoto
from tests.simulation.phone import Phone
from tests.simulation.server import Server
from tests.simulation.tally import Broken, Tally


def check_files(phone: Phone, oracle: Oracle, tally: Tally, *, now_ms: int) -> None:
    """Raise Broken where a photo that a record of this phone names is not on it and may not be gone."""
    rows = phone.store.db.execute(
        "SELECT f.sha256, f.is_cleared FROM photo_files AS f "
        "WHERE EXISTS (SELECT 1 FROM photo_uses AS u WHERE u.sha256 = f.sha256)"
    ).fetchall()
    for sha, is_cleared in rows:
        if not is_cleared:
            if not phone.files.holds(sha):
                raise Broken(f"P1 {phone.name} says that it keeps photo {sha[:8]}, and it is not there")
            continue
        here = (photo for photo in oracle.photos if photo.sha == sha and photo.visit in phone.visits)
        if not any(map(oracle.photo_stands, here)):
            continue  # taken back here with its visits
        at_ms = oracle.photos_proven.get(sha)
        if at_ms is None or now_ms - at_ms < RETENTION_MS:
            tally.photos_cleared_unproven += 1
            when = "never proven" if at_ms is None else f"proven {(now_ms - at_ms) / 86_400_000:.1f} days ago"
            raise Broken(f"P10 {phone.name} has cleared photo {sha[:8]}, {when}")


def check_photos(found: Found, server: Server, phones: list[Phone], oracle: Oracle, tally: Tally) -> None:
    """Raise Broken at rest where a saved photo has not come, or a proof has nothing behind it."""
    tally.photos += len(oracle.photos)
    lost = [
        f"P1 photo {photo.sha[:8]} of visit {photo.visit} was told saved and is not on the server"
        for photo in oracle.photos
        if oracle.photo_stands(photo) and photo.is_sure and not _has_come(found, server, photo)
    ]
    tally.photos_lost += len(lost)
    if lost:
        raise Broken(lost[0])
    for phone in phones:
        for sha, proof in phone.store.db.execute("SELECT sha256, proof FROM photo_files").fetchall():
            if proof is not None and not server.photos.holds(sha):
                raise Broken(
                    f"P9 {phone.name} has a proof of photo {sha[:8]}, and the server has no such bytes"
                )
        totals = photo_files.photo_totals(phone.store)
        if (totals.waiting, totals.refused) != (0, 0):
            raise Broken(
                f"P9 {phone.name} at rest has {totals.waiting} photos to send, {totals.refused} refused"
            )
        tally.photos_proven += totals.proven


def _has_come(found: Found, server: Server, photo: SavedPhoto) -> bool:
    is_named = any(
        (fields.get("visit"), fields.get("sha256")) == (photo.visit, photo.sha)
        for record, rows in found.about.items()
        if rows[0].entity == "photo"
        for fields in found.said[record].values()
    )
    return is_named and server.photos.holds(photo.sha)
