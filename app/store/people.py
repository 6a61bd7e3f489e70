"""A person as a screen shows him: the merged profile and what follows from the visits."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.change import Fields
from app.domain.groups import age_on
from app.domain.models import Person
from app.store import drafts, heads, outbox
from app.store.account import signed_in, signed_in_account
from app.store.index import people_index
from app.store.needs import need_is_open, need_values
from app.store.outbox import NewChange
from app.store.store import Store
from app.store.visits import VisitView, visits_of


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person with what is derived from facts, never stored: visited, deceased, age.

    `visited`: a visit that stands reached the person or the family, under whichever listing.
    `is_deceased`: the roster says so, or a visit that stands does. `age` in whole years on the
    campaign's reference date, None where the birth is unknown. `conflict_fields` wait for a choice
    between differing values.
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
    index = people_index(store)
    needs = [values for _, values in need_values(store, [person])]
    return PersonView(
        person=Person.read(person, head.values),
        visited=index.is_visited(person),
        last=visits[0] if visits else None,
        visits_count=len(visits),
        has_draft=drafts.draft_of(store, person) is not None,
        has_open_need=any(need_is_open(values) for values in needs),
        conflict_fields=tuple(conflict.field for conflict in head.conflicts()),
        is_deceased=index.is_deceased(person),
        age=age_on(str(head.values.get("born") or ""), account.campaign.reference_date) if account else None,
    )


def edit_person(
    store: Store,
    person: str,
    fields: Fields,
    *,
    base: int | None = None,
    epoch: int | None = None,
    draft: str | None = None,
) -> None:
    """Change some fields of a profile, in one transaction; None takes a value away.

    The Change says which version of the record it was made on, and keeps saying so until it has a
    receipt (P4): `base` where the worker had an older one before his eyes, which counts in the server's
    life `epoch` (heads.life_of), else the present one. Fields that have that value already are left out,
    unless they are in conflict: then choosing the value that is shown is what settles it. `draft` names
    what was typed (drafts.py) and is dropped with the save.
    Raises UnknownRecord.
    """
    account = signed_in_account(store)
    head = heads.shown_head(store, person)
    open_fields = {conflict.field for conflict in head.conflicts()}
    said = {n: value for n, value in fields.items() if n in open_fields or head.values.get(n) != value}
    if not said and draft is None:
        return
    with store.transaction():
        if said:
            outbox.append(
                store,
                [
                    NewChange(
                        "person",
                        person,
                        kind="patch",
                        base=head.version if base is None else base,
                        epoch=epoch,
                        fields=said,
                    )
                ],
                device=account.device,
                actor=account.account_id,
            )
            heads.refresh_shown(store, [person])
        if draft is not None:
            drafts.forget_draft(store, person, about=draft)
