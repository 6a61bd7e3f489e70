"""A person as a screen shows him: the merged profile and what follows from the visits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.change import Fields
from app.domain.groups import age_on
from app.domain.models import Person
from app.store import drafts, heads, outbox
from app.store.account import SignedIn, signed_in, signed_in_account
from app.store.heads import Values
from app.store.needs import need_is_open
from app.store.outbox import NewChange
from app.store.store import Store
from app.store.visits import VisitView, visit_is_contact, visits_of


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person with what is derived from facts, never stored: visited, deceased, age.

    `visited`: a visit that stands reached the person or the family. `is_deceased`: the roster says
    so, or a visit that stands does. `age` in whole years on the campaign's reference date, None
    where the birth is unknown. `conflict_fields` wait for a choice between differing values.
    """

    person: Person
    visited: bool
    last: VisitView | None
    visits_count: int
    has_draft: bool
    has_open_need: bool
    conflict_fields: tuple[str, ...]
    is_deceased: bool
    age: int | None


def person_view(store: Store, person: str) -> PersonView:
    """The person as shown here; raises UnknownRecord."""
    head = heads.shown_head(store, person)
    account = signed_in(store)
    visits = visits_of(store, person)
    facts = [values for _, values in heads.values_about(store, "visit", [person])]
    needs = [values for _, values in heads.values_about(store, "need", [person])]
    return PersonView(
        person=Person.read(person, head.values),
        visited=any(visit_is_contact(values, account) for values in facts),
        last=visits[0] if visits else None,
        visits_count=len(visits),
        has_draft=drafts.draft_of(store, person) is not None,
        has_open_need=any(need_is_open(values) for values in needs),
        conflict_fields=tuple(conflict.field for conflict in head.conflicts()),
        is_deceased=is_deceased(head.values, facts, account),
        age=age_on(str(head.values.get("born") or ""), account.campaign.reference_date) if account else None,
    )


def edit_person(store: Store, person: str, fields: Fields) -> None:
    """Change some fields of a profile, in one transaction; None takes a value away.

    The Change says which version of the record it was made on, and keeps saying so until it has a
    receipt (P4). Fields that have that value already are left out, unless they are in conflict: then
    choosing the value that is shown is what settles it. Raises UnknownRecord.
    """
    account = signed_in_account(store)
    head = heads.shown_head(store, person)
    open_fields = {conflict.field for conflict in head.conflicts()}
    said = {n: value for n, value in fields.items() if n in open_fields or head.values.get(n) != value}
    if not said:
        return
    with store.transaction():
        outbox.append(
            store,
            [NewChange("person", person, kind="patch", base=head.version, fields=said)],
            device=account.device,
            actor=account.account_id,
        )
        heads.refresh_shown(store, [person])


def is_deceased(person: Mapping[str, Any], visits: list[Values], account: SignedIn | None) -> bool:
    """The roster says so, or a visit that stands. Undoing that visit takes it back."""
    if person.get("deceased"):
        return True
    if account is None:
        return False
    deaths = {result.code for result in account.campaign.results if result.death}
    return any(not visit.get("voided") and visit.get("result") in deaths for visit in visits)
