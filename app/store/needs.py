"""Needs (困难) known on this phone, found here or sent by the server."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.codes import NeedState
from app.domain.models import Need
from app.store import heads
from app.store.account import villages_of_others
from app.store.heads import Values
from app.store.store import Store

_SETTLED = frozenset({NeedState.NOT_CONFIRMED, NeedState.CLOSED, NeedState.FOLLOWED_UP})


@dataclass(frozen=True, slots=True)
class NeedView:
    """A need and whose it is. `is_open`: something is still to be done about it."""

    need: Need
    person_name: str
    village: str
    is_open: bool


def needs_here(store: Store) -> list[NeedView]:
    """Every need that stands of the people of this worker, the most serious first, then the newest."""
    return _viewed(store, heads.read_all(Need, heads.values_of(store, "need")))


def needs_of(store: Store, person: str) -> list[NeedView]:
    """Every need of this person that stands, the open ones first, each part ordered as above."""
    views = _viewed(store, heads.read_all(Need, heads.values_about(store, "need", [person])))
    return sorted(views, key=lambda view: not view.is_open)


def need_is_open(values: Values) -> bool:
    """Whether a need stands and something is still to be done about it."""
    return not values.get("voided") and values.get("state", NeedState.FOUND) not in _SETTLED


def need_counts(values: Values) -> bool:
    """Whether a need makes its person one in difficulty: it stands and was not found untrue (不属实)."""
    return not values.get("voided") and values.get("state") != NeedState.NOT_CONFIRMED


def _viewed(store: Store, needs: list[Need]) -> list[NeedView]:
    people = heads.values_by_id(store, {need.person for need in needs})
    views = [
        NeedView(
            need=need,
            person_name=str(people.get(need.person, {}).get("name", "")),
            village=str(people.get(need.person, {}).get("village", "")),
            is_open=need.state not in _SETTLED,
        )
        for need in needs
    ]
    others = villages_of_others(store)
    mine = [view for view in views if view.village not in others]
    return sorted(mine, key=lambda view: (view.need.severity, view.need.found_at), reverse=True)
