"""Who wrote a value or a correction, as far as this phone can tell, and never more than a screen may say.

A mark names an account and a device. Workers of this phone are known by name; of others only the
station is told, from where they have visited: the same person or else anybody who is here. Of whoever
never visited it is the level that the server says (levels.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.merge import Mark
from app.domain.models import Visit
from app.domain.stamp import ms_of
from app.store import heads
from app.store.account import enrolled, signed_in
from app.store.levels import level_of
from app.store.store import Store
from app.store.visits import performer_label

_ROSTER = "roster:"  # device of the import
_LONG_AGO_MS = 946_684_800_000  # 2000: a stamp before it is a counter, not a time


@dataclass(frozen=True, slots=True)
class Author:
    """`is_me`: whoever holds the phone. `is_here`: written on this phone. `name` is a worker of this
    phone or a station, "" where nothing is known. `at_ms` is None where the stamp tells no time.
    """

    is_me: bool
    is_here: bool
    is_roster: bool
    name: str
    at_ms: int | None


def author_of(store: Store, mark: Mark, *, person: str) -> Author:
    """Who made `mark` on a record about `person`."""
    account = signed_in(store)
    known = {one.account.account_id: one.account.account_name for one in enrolled(store)}
    is_here = (
        store.db.execute("SELECT 1 FROM numbering WHERE device = ?", (mark.device,)).fetchone() is not None
    )
    is_roster = mark.device.startswith(_ROSTER)
    name = known.get(mark.actor, "")
    if not name and not is_roster:
        name = _station(store, mark.actor, person) or level_of(store, mark.actor)
    at_ms = ms_of(mark.hlc)
    return Author(
        is_me=account is not None and mark.actor == account.account_id,
        is_here=is_here,
        is_roster=is_roster,
        name=name,
        at_ms=at_ms if at_ms > _LONG_AGO_MS else None,
    )


def _station(store: Store, actor: str, person: str) -> str:
    account = signed_in(store)
    about = heads.values_about(store, "visit", [person])
    made = [found for found in about if found[1].get("performer") == actor]
    # Seldom needed, and only for a screen about one person: no index is kept for it.
    made = made or [v for v in heads.values_of(store, "visit") if v[1].get("performer") == actor]
    return next((performer_label(visit, account) for visit in heads.read_all(Visit, made)), "")
