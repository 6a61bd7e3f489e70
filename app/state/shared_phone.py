"""A shared phone as its screens use it: whom else it knows, and taking one of them off."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.divisions import spoken_name
from app.state.session import Session
from app.store.account import enrolled
from app.store.enrolment import take_off
from app.store.store import Store
from app.store.taken_off import waits_of


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody else of this phone, called 清水村吴桐; signed out or not. `refused` of his work nobody has
    put right."""

    account_id: str
    name: str
    refused: int


def colleagues(store: Store) -> list[Colleague]:
    """Everybody of this phone but whoever holds it, in the order in which they first signed in."""
    return [
        Colleague(
            one.account.account_id,
            f"{spoken_name(one.account.organisation_name)}{one.account.account_name}",
            waits_of(store, one.number).refused,
        )
        for one in enrolled(store)
        if not one.is_current
    ]


def take_colleague_off(session: Session, account_id: str) -> None:
    """Take the account off this phone; the loop tells the server at once where there is a network.

    Raises BadInput with what is to be done first; then nothing has changed.
    """
    take_off(session.store, account_id)
    session.wake("sign-in")
