"""Greetings to many at once: who may be greeted, and all of it saved or taken back together (成批问候)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.errors import BadInput, TooLateToUndo, UnknownRecord
from app.domain.greeting import MOURNING
from app.domain.models import Visit
from app.store import drafts, heads, outbox
from app.store.account import signed_in_account
from app.store.heads import Values
from app.store.index import PeopleIndex, people_index
from app.store.outbox import NewChange
from app.store.store import Store
from app.store.visits import UNDO_MS, NewVisit, check_visit

GREETING = "greeting"  # `about` of the draft of a greeting that was begun
DECEASED, NO_CONTACT, MOURNS, NO_NUMBER = "deceased", "no_contact", "mourns", "no_number"


@dataclass(frozen=True, slots=True)
class Greetable:
    """Who can be greeted, in list order with the number to be used (empty where none is needed or known).

    `left_out`: how many are not, by reason; each counts once, under the first that holds.
    """

    numbers: Mapping[str, str]
    left_out: Mapping[str, int]


def greetable(store: Store, village: str | None, *, needs_number: bool) -> Greetable:
    """Who of `village` (None: of all here) may be greeted now, each once however often he is listed.

    Nobody who has died, none who asked not to be contacted, and no house within the hundred days after
    a death in it. `needs_number`: nobody either whose number is not known.
    """
    index = people_index(store)
    listed = index.search(village=village)
    people = heads.values_by_id(store, listed)
    deaths = _houses_in_mourning(store, index, village)
    numbers: dict[str, str] = {}
    left_out = dict.fromkeys((DECEASED, NO_CONTACT, MOURNS, NO_NUMBER), 0)
    left_out[DECEASED] = len(index.search(filters=frozenset({"DECEASED"}), village=village))
    for person in listed:
        values = people[person]
        if values.get("merged_into") in people or values.get("duplicate_of") in people:
            continue
        number = number_of(values)
        if values.get("no_call"):
            left_out[NO_CONTACT] += 1
        elif _houses(values) & deaths:
            left_out[MOURNS] += 1
        elif needs_number and not number:
            left_out[NO_NUMBER] += 1
        else:
            numbers[person] = number
    return Greetable(numbers, {reason: n for reason, n in left_out.items() if n})


def number_of(values: Values) -> str:
    """The person's own number before one of the family's; empty where none is known."""
    phones = {
        name.partition("/")[2]: whose
        for name, whose in values.items()
        if name.startswith("phones/") and whose is not False and whose is not None
    }
    own = sorted(number for number, whose in phones.items() if whose == "本人")
    return (own or sorted(phones) or [""])[0]


def record_greetings(
    store: Store,
    people: Sequence[str],
    *,
    method: str,
    result: str,
    at: datetime,
    checklist: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """Save one visit to each of `people` in ONE transaction with the draft dropped; returns their ids.

    Raises BadInput for nobody, and what `record_visit` raises; then nothing was saved.
    """
    account = signed_in_account(store)
    if not people:
        raise BadInput("还没选发给谁，没有存。请先选人。", field="people")
    for person in people:
        check_visit(store, NewVisit(person, method, result, at, checklist), account)
    saved_at = datetime.fromtimestamp(store.now_ms() / 1000, UTC)
    visits = [
        Visit(
            id=store.new_id(),
            campaign=account.campaign.code,
            person=person,
            organisation=account.organisation,
            performer=account.account_id,
            method=method,
            result=result,
            at=at,
            saved_at=saved_at,
            checklist=checklist,
        )
        for person in people
    ]
    with store.transaction():
        changes = outbox.append(
            store,
            [NewChange(visit.entity, visit.id, fields=visit.fields_of()) for visit in visits],
            device=account.device,
            actor=account.account_id,
        )
        heads.add_new(store, changes)
        drafts.forget_draft(store, "", about=GREETING)
    return tuple(visit.id for visit in visits)


def undo_greetings(store: Store, visits: Collection[str]) -> None:
    """Take all these visits back in one transaction; those already undone stay so.

    Raises UnknownRecord for one not made here, TooLateToUndo after 24 hours; then all of them stand.
    """
    account = signed_in_account(store)
    standing: list[tuple[str, int]] = []
    for visit in visits:
        saved = store.db.execute(
            "SELECT saved_at FROM outbox WHERE record = ? AND entity = 'visit' AND kind = 'create'", (visit,)
        ).fetchone()
        if saved is None:
            raise UnknownRecord(f"这次走访（{visit}）不是在这部手机上记的，不能在这里撤销。")
        if store.now_ms() - saved[0] > UNDO_MS:
            raise TooLateToUndo("超过 24 小时不能撤销，可以更正。")
        head = heads.shown_head(store, visit)
        if not head.is_voided:
            standing.append((visit, head.version))
    if not standing:
        return
    with store.transaction():
        outbox.append(
            store,
            [NewChange("visit", visit, kind="void", base=version) for visit, version in standing],
            device=account.device,
            actor=account.account_id,
        )
        heads.refresh_shown(store, [visit for visit, _ in standing])


def _houses(values: Values) -> set[tuple[str, ...]]:
    """By what people of one house are told: the household as the roster has it, or the same door."""
    found: set[tuple[str, ...]] = set()
    if values.get("household"):
        found.add(("household", str(values["household"])))
    if values.get("house"):
        found.add(tuple(str(values.get(name) or "") for name in ("village", "hamlet", "house")))
    return found


def _houses_in_mourning(store: Store, index: PeopleIndex, village: str | None) -> set[tuple[str, ...]]:
    """The houses of which a visit within the hundred days told a death."""
    account = signed_in_account(store)
    told = {result.code for result in account.campaign.results if result.death}
    dead = index.search(filters=frozenset({"DECEASED"}), village=village)
    people = heads.values_by_id(store, dead)
    since = datetime.fromtimestamp(store.now_ms() / 1000, UTC) - MOURNING
    mourned: set[tuple[str, ...]] = set()
    for _, visit in heads.values_about(store, "visit", dead):
        if not visit.get("voided") and visit.get("result") in told and _at(visit) > since:
            mourned |= _houses(people[str(visit["person"])])
    return mourned


def _at(visit: Values) -> datetime:
    """When it was; one that cannot be read was long ago."""
    try:
        at = datetime.fromisoformat(str(visit.get("at")))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
