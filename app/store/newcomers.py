"""Newcomers: somebody met on the way who is on no roster (名册外新增一人), and who he may already be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.domain.change import VOIDED
from app.domain.citizen_id import birth_date, fold_forms, is_sound, sex_of
from app.domain.errors import BadInput, TooLateToUndo, UnknownRecord
from app.domain.identity import identity_number
from app.domain.models import Person
from app.domain.names import LONGEST_NAME
from app.store import drafts, heads, outbox
from app.store.account import SignedIn, signed_in_account
from app.store.index import people_index
from app.store.outbox import NewChange
from app.store.store import Store
from app.store.undo import UNDO_MS

_CHECKSUM = "checksum"  # Person.id_problem of a number that does not add up


def add_person(
    store: Store, name: str, village: str, *, hamlet: str = "", house: str = "", id_number: str | None = None,
    sex: str | None = None, born: str | None = None, categories: Collection[str] = (),
    phones: Mapping[str, str] | None = None, note: str = "",
) -> str:  # fmt: skip
    """Enter a person in ONE transaction with the Change; returns the new id. Works without a network.

    `categories` are codes of BenefitCategory, `phones` whose a number is by number. Birth and sex follow
    from a sound ID number where they are not given; one that does not add up is kept as written and
    marked. What was typed for somebody new is dropped with the save. A likely duplicate is no hindrance:
    two entries of one person can be merged later with every visit kept. Raises BadInput for a name
    that is empty or too long and a village that is not this account's, StorageFull.
    """
    account = signed_in_account(store)
    check_newcomer(account, name, village)
    number = plain_number(id_number)
    told = told_by_number(number)
    person = Person(
        id=store.new_id(),
        name=name.strip(),
        village=village,
        hamlet=hamlet.strip(),
        house=house.strip(),
        id_number=number,
        id_problem=told.problem,
        sex=sex or told.sex,
        born=born or told.born,
        categories=tuple(categories),
        phones=dict(phones or {}),
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
        drafts.forget_draft(store, "", about=drafts.NEWCOMER)
    return person.id


@dataclass(frozen=True, slots=True)
class ToldByNumber:
    """What follows from an ID number: `problem` where it does not add up, else sex and birth."""

    problem: str | None = None
    sex: str | None = None
    born: str | None = None


def told_by_number(number: str | None) -> ToldByNumber:
    """What the number (plain_number) tells; nothing where there is none."""
    if number is None:
        return ToldByNumber()
    if not is_sound(number):
        return ToldByNumber(problem=_CHECKSUM)
    return ToldByNumber(sex=sex_of(number).value, born=str(birth_date(number)))


def check_newcomer(account: SignedIn, name: str, village: str) -> None:
    """Raise BadInput for a name that is empty or too long, or a village that is not the account's."""
    if not name.strip():
        raise BadInput("还没写姓名，没有存。请写上姓名再存。", field="name")
    if len(name.strip()) > LONGEST_NAME:
        raise BadInput(f"姓名最长 {LONGEST_NAME} 个字，没有存。多出来的请写到备注再存。", field="name")
    if village not in account.villages:
        raise BadInput("这个村不归本账号管，没有存。请选名册里的村。", field="village")


def can_undo(store: Store, person: str) -> bool:
    """Whether the person was entered on this phone in the last 24 hours, or refused, and not taken back."""
    saved_ms = _entered_ms(store, person)
    return (
        saved_ms is not None
        and _is_open(store, person, saved_ms)
        and not heads.shown_head(store, person).is_voided
    )


def undo_person(store: Store, person: str) -> None:
    """Take somebody entered on this phone by mistake back, in one transaction; he is counted no more.

    A `void`, also when nothing was sent yet, as for a visit. Repeating it does nothing. Raises
    UnknownRecord for one not entered here, TooLateToUndo after 24 hours where he was not refused, and
    BadInput while a visit to him stands: whom was it paid to?
    """
    account = signed_in_account(store)
    saved_ms = _entered_ms(store, person)
    if saved_ms is None:
        raise UnknownRecord(f"这个人（{person}）不是在这部手机上新增的，不能在这里撤销。")
    head = heads.shown_head(store, person)
    if head.is_voided:
        return
    if not _is_open(store, person, saved_ms):
        raise TooLateToUndo("新增超过 24 小时不能撤销，请告诉乡镇服务站。")
    if any(not visit.get(VOIDED) for _, visit in heads.values_about(store, "visit", [person])):
        raise BadInput("给这个人记过走访，还不能撤销。请先撤销那次走访。")
    with store.transaction():
        outbox.append(
            store,
            [NewChange("person", person, kind="void", base=head.version)],
            device=account.device,
            actor=account.account_id,
        )
        heads.refresh_shown(store, [person])


def likely_duplicates(
    store: Store, name: str, village: str | None, *, hamlet: str = "", id_number: str | None = None
) -> list[str]:
    """Ids of persons here who may be the same: the same ID number, or name, village and hamlet.

    In order of id. No village and an empty hamlet agree with every one: a hint may be wrong, a person
    is asked.
    Quick enough to be asked while somebody types: only a whole ID number reads every person.
    """
    called, place = name.strip(), hamlet.strip()
    found = {
        row.id
        for row in (people_index(store).named(called) if called else ())
        if village in (None, row.village) and (not place or not row.hamlet or place == row.hamlet)
    }
    number = identity_number(plain_number(id_number))
    if number is not None:
        index = people_index(store)
        found |= {
            person
            for person, values in heads.values_of(store, "person")
            if not values.get(VOIDED)
            and index.is_listed(person)
            and identity_number(plain_number(values.get("id_number"))) == number
        }
    return sorted(found)


def _is_open(store: Store, person: str, saved_ms: int) -> bool:
    """Whom nobody else has ever been told of may be taken back at any time."""
    return store.now_ms() - saved_ms <= UNDO_MS or person in outbox.refused_records(store)


def _entered_ms(store: Store, person: str) -> int | None:
    found = store.db.execute(
        "SELECT saved_at FROM outbox WHERE record = ? AND entity = 'person' AND kind = 'create' ORDER BY hlc",
        (person,),
    ).fetchone()
    return None if found is None else int(found[0])


def plain_number(written: object) -> str | None:
    """An ID number as it is kept, in half-width forms without blanks; None for none."""
    return fold_forms(str(written or "")) or None
