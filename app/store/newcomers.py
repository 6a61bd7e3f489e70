"""Newcomers: somebody met on the way who is on no roster (名册外新增一人), and who he may already be."""

from __future__ import annotations

from app.domain.change import VOIDED
from app.domain.errors import BadInput
from app.domain.models import Person
from app.store import heads, outbox
from app.store.account import signed_in_account
from app.store.outbox import NewChange
from app.store.store import Store


def add_person(
    store: Store, name: str, village: str, *, hamlet: str = "", house: str = "", id_number: str | None = None,
    sex: str | None = None, born: str | None = None, note: str = "",
) -> str:  # fmt: skip
    """Enter a person in ONE transaction with the Change; returns the new id. Works without a network.

    A likely duplicate is no hindrance: two entries of one person can be merged later with every visit
    kept. Raises BadInput for an empty name or a village that is not this account's, StorageFull.
    """
    account = signed_in_account(store)
    if not name.strip():
        raise BadInput("还没写姓名，没有存。请写上姓名再存。", field="name")
    if village not in account.villages:
        raise BadInput("这个村不归本账号管，没有存。请选名册里的村。", field="village")
    person = Person(
        id=store.new_id(),
        name=name.strip(),
        village=village,
        hamlet=hamlet.strip(),
        house=house.strip(),
        id_number=_plain_number(id_number),
        sex=sex,
        born=born,
        note=note.strip(),
    )
    with store.transaction():
        changes = outbox.append(
            store,
            [NewChange(person.entity, person.id, fields=person.fields_of())],
            device=account.device,
            actor=account.account_id,
        )
        heads.add_new(store, changes)
    return person.id


def likely_duplicates(
    store: Store, name: str, village: str, *, hamlet: str = "", id_number: str | None = None
) -> list[str]:
    """Ids of persons here who may be the same: the same ID number, or name, village and hamlet.

    In order of id. An empty hamlet agrees with every hamlet: a hint may be wrong, a person is asked.
    """
    number, called, place = _plain_number(id_number), name.strip(), hamlet.strip()
    found = []
    for person, values in heads.values_of(store, "person"):
        if values.get(VOIDED):
            continue
        there = str(values.get("hamlet") or "")
        is_same_number = number is not None and _plain_number(values.get("id_number")) == number
        is_same_place = values.get("village") == village and (not place or not there or place == there)
        if is_same_number or (bool(called) and values.get("name") == called and is_same_place):
            found.append(person)
    return sorted(found)


def _plain_number(written: object) -> str | None:
    plain = "".join(str(written or "").split()).upper()
    return plain or None
