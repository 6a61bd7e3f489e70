"""Needs (困难) and the steps of their handling, found here or sent by the server.

What a need has come to is told by its steps alone: a step is a fact of its own, so that village,
township and county can each add one without seeing the others', and none is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.china import CHINA
from app.domain.codes import Assistance, NeedOutcome, NeedSeverity, NeedState
from app.domain.errors import BadInput, UnknownRecord
from app.domain.facts import NeedStep
from app.domain.models import Need
from app.domain.needs import (
    CLOSED_STATES,
    UNTRUE_STATE,
    Due,
    Flaw,
    Overdue,
    Standing,
    due,
    in_order,
    level_of,
    moves,
    overdue,
    standing,
)
from app.store import drafts, heads, outbox, prefs
from app.store.account import SignedIn, signed_in, signed_in_account, villages_of_others
from app.store.heads import Values
from app.store.outbox import NewChange
from app.store.store import Store

_SETTLED = CLOSED_STATES | {UNTRUE_STATE}
_HEARD = "needs_heard"  # preference: the latest step that the worker has seen of each need
_HEARD_KEPT = 500


@dataclass(frozen=True, slots=True)
class NeedView:
    """A need, whose it is, and how far it has come.

    `state` is that of the latest step that stands, or as it was found; `steps` oldest first, and `flaws`
    says which of them do not fit. `moves` are the states to which whoever holds the phone may bring it
    now, the likeliest first. `has_news`: another station has added a step that was not seen here yet.
    `next_due` and `late` are the campaign's clock, which only reminds.
    """

    need: Need
    person_name: str
    village: str
    state: str
    steps: tuple[NeedStep, ...]
    flaws: Mapping[str, tuple[Flaw, ...]]
    moves: tuple[str, ...]
    has_news: bool
    next_due: Due | None
    late: Overdue | None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done about it by somebody."""
        return self.state not in _SETTLED

    @property
    def waits_for_me(self) -> bool:
        """Whether the next step is looked for from whoever holds the phone."""
        return bool(self.moves) and (self.is_open or self.state == NeedState.CLOSED)


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step as the form has it. `state`: NeedState; `outcome` (NeedOutcome) belongs to 办结, `assistance`
    and `money_fen` to what was given, `satisfied` to 回访, None where nobody was asked."""

    state: str
    words: str = ""
    outcome: str | None = None
    assistance: tuple[str, ...] = ()
    money_fen: int = 0
    satisfied: bool | None = None


def needs_here(store: Store) -> list[NeedView]:
    """Every need that stands of the people of this worker, the most serious first, then the newest."""
    needs = heads.read_all(Need, heads.values_of(store, "need"))
    return _viewed(store, needs, _steps(store, None) if needs else {})


def needs_of(store: Store, person: str) -> list[NeedView]:
    """Every need of this person that stands, the open ones first, each part ordered as above."""
    needs = heads.read_all(Need, heads.values_about(store, "need", [person]))
    return sorted(_viewed(store, needs, _steps(store, [person])), key=lambda view: not view.is_open)


def need_view(store: Store, need: str) -> NeedView:
    """One need with its steps; raises UnknownRecord for one that is not here or was taken back."""
    head = heads.shown_head(store, need)
    if head.entity == Need.entity and not head.is_voided:
        steps = _steps(store, [str(head.values.get("person"))])
        views = _viewed(store, [Need.read(need, head.values)], steps)
        if views:
            return views[0]
    raise UnknownRecord(f"本机没有这件困难（{need}）。它可能已撤销，请先更新名册。")


def needs_with_news(store: Store) -> list[NeedView]:
    """The needs found at this station to which another has answered since they were last looked at."""
    account, steps = signed_in(store), _steps(store, None)
    if account is None or not steps:
        return []
    # Asked by the first screen: only what was answered is read whole.
    answered = heads.read_all(Need, heads.values_by_id(store, steps).items())
    mine = [need for need in answered if need.organisation == account.organisation]
    return [view for view in _viewed(store, mine, steps) if view.has_news]


def hear(store: Store, need: str) -> None:
    """The worker has looked at the need as it stands; its news is none any more. Safe to repeat."""
    view = need_view(store, need)
    if view.steps:
        kept = dict(prefs.pref(store, _HEARD, {}))
        kept.pop(need, None)
        kept[need] = view.steps[-1].id
        prefs.set_pref(store, _HEARD, dict(list(kept.items())[-_HEARD_KEPT:]))


def take_step(store: Store, need: str, new: NewStep, *, at: datetime) -> str:
    """Add a step to the need in ONE transaction with its Change; returns the step's id.

    What was typed for it is dropped with the save. Raises BadInput for a step that may not follow or
    is not this level's, for a closing without an outcome and for codes that are none, UnknownRecord.
    """
    account = signed_in_account(store)
    view = need_view(store, need)
    if new.state not in view.moves:
        raise BadInput("这件困难已经走到别的一步，不能这样记。请返回看看现在到了哪一步。", field="state")
    if new.state == NeedState.CLOSED and new.outcome not in set(NeedOutcome):
        raise BadInput("还没选办成了什么样，选了再存。", field="outcome")
    if not set(new.assistance) <= set(Assistance):
        raise BadInput("有一项帮扶认不出来，请重新选。", field="assistance")
    step = NeedStep(
        id=store.new_id(),
        campaign=view.need.campaign,
        need=need,
        person=view.need.person,
        organisation=account.organisation,
        performer=account.account_id,
        state=new.state,
        at=at,
        words=new.words.strip(),
        outcome=new.outcome,
        assistance=new.assistance,
        money_fen=new.money_fen,
        satisfied=new.satisfied,
    )
    with store.transaction():
        changes = outbox.append(
            store,
            [NewChange(step.entity, step.id, fields=step.fields_of())],
            device=account.device,
            actor=account.account_id,
        )
        heads.add_new(store, changes)
        drafts.forget_draft(store, view.need.person, about=draft_about(need))
    return step.id


def draft_about(need: str) -> str:
    """Under what a step that was begun for the need is kept (drafts.py)."""
    return f"step:{need}"


def need_values(store: Store, people: Iterable[str] | None = None) -> list[tuple[str, Values]]:
    """(record, values) of the needs about the given persons, or of all, voided ones too, in no order.

    `state` is the one to which the steps have brought the need.
    """
    about = None if people is None else list(people)
    if about is None:
        needs = heads.values_of(store, Need.entity)
    else:
        needs = heads.values_about(store, Need.entity, about)
    steps = _steps(store, about) if needs else {}
    return [
        (record, {**values, "state": steps[record][-1].state} if record in steps else values)
        for record, values in needs
    ]


def need_is_open(values: Values) -> bool:
    """Whether a need stands and something is still to be done about it."""
    return not values.get("voided") and values.get("state", NeedState.FOUND) not in _SETTLED


def need_counts(values: Values) -> bool:
    """Whether a need makes its person one in difficulty: it stands and was not found untrue (不属实)."""
    return not values.get("voided") and values.get("state") != NeedState.NOT_CONFIRMED


def _steps(store: Store, people: Iterable[str] | None) -> dict[str, list[NeedStep]]:
    """The steps that stand by need, in the order in which they count."""
    made = heads.heads_of(store, NeedStep.entity, people)
    marks = {head.record: head.first for head in made}
    standing_steps = heads.read_all(NeedStep, ((head.record, dict(head.values)) for head in made))
    found: dict[str, list[NeedStep]] = {}
    for step in in_order((marks[step.id], step) for step in standing_steps):
        found.setdefault(step.need, []).append(step)
    return found


def _viewed(store: Store, needs: list[Need], steps: Mapping[str, list[NeedStep]]) -> list[NeedView]:
    people = heads.values_by_id(store, {need.person for need in needs})
    account = signed_in(store)
    heard, others = dict(prefs.pref(store, _HEARD, {})), villages_of_others(store)
    today = datetime.fromtimestamp(store.now_ms() / 1000, CHINA).date()
    views = []
    for need in needs:
        person = people.get(need.person, {})
        if str(person.get("village", "")) in others:
            continue
        taken = tuple(steps.get(need.id, ()))
        found = _standing(need, taken)
        views.append(
            NeedView(
                need=need,
                person_name=str(person.get("name", "")),
                village=str(person.get("village", "")),
                state=taken[-1].state if taken else need.state,
                steps=taken,
                flaws=found.flaws if found else {},
                moves=_moves(found, account),
                has_news=_has_news(need, taken, account, heard.get(need.id)),
                next_due=due(found, account.campaign) if found and account else None,
                late=overdue(found, account.campaign, today) if found and account else None,
            )
        )
    return sorted(
        views, key=lambda view: (view.need.severity, view.need.found_at, view.need.id), reverse=True
    )


def _standing(need: Need, steps: tuple[NeedStep, ...]) -> Standing | None:
    """Where the need stands; None where a newer server knows a state that is not known here."""
    if all(state in NeedState.__members__ for state in (need.state, *(step.state for step in steps))):
        return standing(need, steps)
    return None


def _moves(found: Standing | None, account: SignedIn | None) -> tuple[str, ...]:
    if found is None or account is None:
        return ()
    offered = [str(to) for to in moves(found.state, level_of(account.organisation))]
    if found.need.severity == NeedSeverity.URGENT and NeedState.REPORTED in offered:
        offered.sort(key=lambda to: to != NeedState.REPORTED)  # what is urgent goes up first
    return tuple(offered)


def _has_news(need: Need, steps: tuple[NeedStep, ...], account: SignedIn | None, heard: str | None) -> bool:
    if account is None or need.organisation != account.organisation or not steps:
        return False
    return steps[-1].organisation != account.organisation and steps[-1].id != heard
