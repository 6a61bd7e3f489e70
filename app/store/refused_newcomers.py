"""Newcomers whom the server did not take: read with the reason, put right, sent anew (P6).

What waits for such a person, a visit to him or an edit, waits on the server too: it is released there as
soon as he is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.domain.errors import BadInput
from app.domain.models import Person
from app.store import drafts, heads, outbox
from app.store.account import CURRENT, signed_in_account
from app.store.newcomers import check_newcomer, plain_number, told_by_number
from app.store.outbox import NewChange, Refusal
from app.store.store import Store


@dataclass(frozen=True, slots=True)
class RefusedNewcomer:
    """Somebody entered here by whoever holds the phone, as he is shown, and why he was not taken."""

    person: Person
    refusal: Refusal | None
    receipt: str


def refused_newcomers(store: Store) -> list[RefusedNewcomer]:
    """The worker's own that wait for a mend, the latest refusal first; those taken back need no hand."""
    rows = store.db.execute(
        f"""
        SELECT record, ref, refusal
        FROM outbox
        WHERE entity = 'person'
          AND kind = 'create'
          AND state = 'refused'
          AND is_replaced = 0
          AND account = {CURRENT}
        ORDER BY answered_at DESC, seq DESC
        """
    ).fetchall()
    shown = heads.values_by_id(store, [record for record, _, _ in rows])
    return [
        RefusedNewcomer(Person.read(record, shown[record]), outbox.refusal_of(store, sealed), ref)
        for record, ref, sealed in rows
        if record in shown and not shown[record].get("voided")
    ]


def refused_newcomer(store: Store, person: str) -> RefusedNewcomer | None:
    """This one, None where nothing of him waits for a mend."""
    return next((one for one in refused_newcomers(store) if one.person.id == person), None)


def mend_person(
    store: Store, person: str, name: str, village: str, *, hamlet: str = "", house: str = "",
    id_number: str | None = None, categories: Collection[str] = (), phones: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Enter the refused person anew, in one transaction; the refused Change stays kept.

    The new Change names the number that it replaces and says all that is shown of him, later edits
    included. Sex and birth follow the ID number where it has changed and is sound. Raises BadInput where
    nothing waits to be mended, and what `add_person` raises; then nothing has changed.
    """
    account = signed_in_account(store)
    waits = refused_newcomer(store, person)
    if waits is None:
        raise BadInput("这个人没有要改的，市里没有退回。")
    check_newcomer(account, name, village)
    old, number = waits.person, plain_number(id_number)
    before, told = told_by_number(old.id_number), told_by_number(number)
    mended = old.model_copy(
        update={
            "name": name.strip(),
            "village": village,
            "hamlet": hamlet.strip(),
            "house": house.strip(),
            "id_number": number,
            "id_problem": told.problem,
            "id_reason": old.id_reason if number == old.id_number else "",
            # What only the former number told goes with it; what somebody wrote stays.
            "sex": told.sex or (None if old.sex == before.sex else old.sex),
            "born": told.born or (None if old.born == before.born else old.born),
            "categories": tuple(categories),
            "phones": dict(phones or {}),
        }
    )
    said = mended.fields_of()
    gone = {field: None for field in old.fields_of() if field not in said}
    device, seq = _refused(store, person)
    with store.transaction():
        store.db.execute("UPDATE outbox SET is_replaced = 1 WHERE device = ? AND seq = ?", (device, seq))
        outbox.append(
            store,
            [
                NewChange(
                    Person.entity,
                    person,
                    fields=gone | said,
                    # A number of a former device id names nothing under this one.
                    replaces=seq if device == account.device else None,
                )
            ],
            device=account.device,
            actor=account.account_id,
        )
        heads.refresh_shown(store, [person])
        drafts.forget_draft(store, person, about=draft_about(person))


def draft_about(person: str) -> str:
    """Under what the form begun for a refused newcomer is kept (drafts.py), beside a visit to him."""
    return f"{drafts.NEWCOMER}:{person}"


def _refused(store: Store, person: str) -> tuple[str, int]:
    device, seq = store.db.execute(
        """
        SELECT device, seq
        FROM outbox
        WHERE record = ? AND entity = 'person' AND kind = 'create' AND state = 'refused' AND is_replaced = 0
        ORDER BY hlc DESC
        LIMIT 1
        """,
        (person,),
    ).fetchone()
    return str(device), int(seq)
