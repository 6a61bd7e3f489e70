"""Visits: recording one, taking it back, and what has been recorded about a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.domain.errors import BadInput, TooLateToUndo, UnknownRecord
from app.domain.models import Need, Visit
from app.store import drafts, heads, outbox
from app.store.account import SignedIn, signed_in, signed_in_account
from app.store.findings import NewFindings, models_of
from app.store.heads import Values
from app.store.opinions import NewOpinion, opinion_model
from app.store.outbox import STATE_OF_ALL, NewChange, RecordState, Refusal
from app.store.photos import NewPhoto, append_photos, check_photo
from app.store.store import Store
from app.store.undo import UNDO_MS, made_with, void


@dataclass(frozen=True, slots=True)
class NewNeed:
    """A hardship found on a visit: codes of NeedType, NeedSeverity and NeedCause, and the worker's words."""

    type: str
    severity: str
    words: str = ""
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class NewVisit:
    """A visit as the form has it. `method`, `result`, `checklist`: codes of the campaign; money in 分.

    `at` is when it happened, aware; it may lie before the moment of saving (补记). `died_on` (YYYY,
    YYYY-MM or YYYY-MM-DD) and `asks_follow_up` belong to a death.
    """

    person: str
    method: str
    result: str
    at: datetime
    checklist: tuple[str, ...] = ()
    note: str = ""
    cash_fen: int = 0
    goods: str = ""
    goods_fen: int = 0
    goods_pieces: int = 0
    letters: int = 0
    booklets: int = 0
    died_on: str | None = None
    asks_follow_up: bool = False
    needs: tuple[NewNeed, ...] = ()
    photos: tuple[NewPhoto, ...] = ()
    findings: NewFindings = field(default_factory=NewFindings)
    opinion: NewOpinion | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far what was saved with one press has come: the visit with its needs and its undo.

    `state` is that of the part that is furthest behind (outbox.STATE_OF_ALL); `receipt` is the
    visit's own, to be read out.
    """

    state: RecordState
    receipt: str | None
    refusal: Refusal | None
    saved_ms: int
    sent_ms: int | None
    answered_ms: int | None


@dataclass(frozen=True, slots=True)
class VisitView:
    """A visit as a screen shows it.

    `is_mine`: made on this phone by whoever holds it. What was made elsewhere is RECEIVED where it came
    from the server, and SAVED where it was handed over and the server has not told of it.
    `performer_label` says from where it was made, without a name (domain.md 7).
    """

    visit: Visit
    state: RecordState
    receipt: str | None
    refusal: Refusal | None
    is_mine: bool
    performer_label: str


def record_visit(store: Store, new: NewVisit) -> str:
    """Save a visit with all that it found out in ONE transaction, the draft dropped; returns its id.

    When this returns, the visit outlives the process and the battery (P1). What the server will
    refuse is not judged here, beyond what no visit can be: raises BadInput for an unknown method,
    result or checklist item, UnknownRecord for a person who is not here, StorageFull.
    """
    account = signed_in_account(store)
    check_visit(store, new, account)
    for photo in new.photos:
        check_photo(store, photo)
    saved_at = datetime.fromtimestamp(store.now_ms() / 1000, UTC)
    visit = Visit(
        id=store.new_id(),
        campaign=account.campaign.code,
        person=new.person,
        organisation=account.organisation,
        performer=account.account_id,
        method=new.method,
        result=new.result,
        at=new.at,
        saved_at=saved_at,
        checklist=new.checklist,
        cash_fen=new.cash_fen,
        goods_fen=new.goods_fen,
        goods_pieces=new.goods_pieces,
        goods=new.goods,
        letters=new.letters,
        booklets=new.booklets,
        note=new.note,
        died_on=new.died_on,
        asks_follow_up=new.asks_follow_up,
    )
    needs = [
        Need(
            id=store.new_id(),
            campaign=account.campaign.code,
            person=new.person,
            visit=visit.id,
            organisation=account.organisation,
            type=need.type,
            severity=need.severity,
            cause=need.cause,
            words=need.words,
            found_at=new.at,
        )
        for need in new.needs
    ]
    found = models_of(store, new.findings, account=account, person=new.person, visit=visit.id, at=new.at)
    if new.opinion is not None:
        found.append(
            opinion_model(store, new.opinion, account=account, person=new.person, visit=visit.id, at=new.at)
        )
    with store.transaction():
        changes = outbox.append(
            store,
            [
                NewChange(model.entity, model.id, fields=model.fields_of(), about=visit.id)
                for model in (visit, *needs, *found)
            ],
            device=account.device,
            actor=account.account_id,
        )
        heads.add_new(store, changes)
        append_photos(store, new.photos, about=visit, account=account)
        drafts.forget_draft(store, new.person)
    return visit.id


def undo_visit(store: Store, visit_id: str) -> None:
    """Take a visit made on this phone back, with all that was saved with it, in one transaction.

    Repeating it does nothing. Raises TooLateToUndo after 24 hours, UnknownRecord for one not made here.
    """
    account = signed_in_account(store)
    saved = store.db.execute(
        """
        SELECT MIN(saved_at)
        FROM outbox
        WHERE record = ? AND entity = 'visit' AND kind = 'create'
        HAVING COUNT(*) > 0
        """,
        (visit_id,),
    ).fetchone()
    if saved is None:
        raise UnknownRecord(f"这次走访（{visit_id}）不是在这部手机上记的，不能在这里撤销。")
    if heads.shown_head(store, visit_id).is_voided:
        return
    if store.now_ms() - saved[0] > UNDO_MS:
        raise TooLateToUndo("超过 24 小时不能撤销，可以更正。")
    void(store, made_with(store, visit_id), about=visit_id, account=account)


def visits_of(store: Store, person: str) -> list[VisitView]:
    """The visits to this person that stand (undone ones are left out), newest first."""
    visits = heads.read_all(Visit, heads.values_about(store, "visit", [person]))
    deliveries = deliveries_of(store, [visit.id for visit in visits])
    account = signed_in(store)
    # Handed over from another phone, and no server has told of it yet.
    only_here = {
        record
        for (record,) in store.db.execute(
            "SELECT record FROM records WHERE entity = 'visit' AND person = ? AND head IS NULL", (person,)
        )
    }
    return [
        _view(visit, deliveries.get(visit.id), account, is_known=visit.id not in only_here)
        for visit in sorted(visits, key=lambda v: (v.at, v.id), reverse=True)
    ]


def visit_is_contact(values: Values, account: SignedIn | None) -> bool:
    """Whether a visit counts as 已联系到: it stands, in this campaign, and reached person or family."""
    if values.get("voided") or not of_campaign(values, account) or account is None:
        return False
    result = account.campaign.result(str(values.get("result")))
    return result is not None and result.contact


def of_campaign(values: Values, account: SignedIn | None) -> bool:
    """Whether a visit or a need belongs to the campaign in force; last year's stay as history."""
    return account is not None and values.get("campaign") == account.campaign.code


def deliveries_of(store: Store, visits: Iterable[str]) -> dict[str, Delivery]:
    """How far each of the visits made on this phone has come; others are not in the answer."""
    found: dict[str, Delivery] = {}
    for visit in visits:
        rows = store.db.execute(
            """
            SELECT record, state, ref, refusal, saved_at, sent_at, answered_at, is_replaced
            FROM outbox
            WHERE about = ?
            ORDER BY hlc
            """,
            (visit,),
        ).fetchall()
        if not rows:
            continue
        (state,) = store.db.execute(
            f"SELECT {STATE_OF_ALL} FROM outbox AS part WHERE part.about = ?", (visit,)
        ).fetchone()
        own = next((row for row in rows if row[0] == visit and not row[7]), rows[0])
        refused = next((row[3] for row in rows if row[1] == RecordState.REFUSED and not row[7]), None)
        found[visit] = Delivery(
            state=RecordState(state),
            receipt=own[2] or None,
            refusal=outbox.refusal_of(store, refused) if state == RecordState.REFUSED else None,
            saved_ms=own[4],
            sent_ms=own[5],
            answered_ms=own[6],
        )
    return found


def check_visit(store: Store, new: NewVisit, account: SignedIn) -> None:
    """Raise what `record_visit` raises for what no visit of this campaign can be."""
    campaign = account.campaign
    if campaign.method(new.method) is None:
        raise BadInput(f"这次活动没有“{new.method}”这种走访方式，请重新选。", field="method")
    if campaign.result(new.result) is None:
        raise BadInput(f"这次活动没有“{new.result}”这种走访结果，请重新选。", field="result")
    unknown = set(new.checklist) - {item.code for item in campaign.checklist}
    if unknown:
        raise BadInput(f"这次活动没有“{'、'.join(sorted(unknown))}”这一项，请重新选。", field="checklist")
    if new.at.tzinfo is None:
        raise BadInput("走访时间缺时区，没有存。请重新选时间。", field="at")
    if not store.db.execute(
        "SELECT 1 FROM records WHERE record = ? AND entity = 'person'", (new.person,)
    ).fetchone():
        raise UnknownRecord(f"本机名册里没有这个人（{new.person}）。请先更新名册。")


def performer_label(visit: Visit, account: SignedIn | None) -> str:
    """From where the visit was made, without a name (domain.md 7)."""
    if account and visit.performer == account.account_id:
        return account.account_name
    return organisation_label(visit.organisation, account)


def organisation_label(organisation: str, account: SignedIn | None) -> str:
    """What an organisation is called by its level (村里, 县里), 本站 for one's own."""
    if account and organisation == account.organisation:
        return "本站"
    if not organisation.isdigit():
        return "单位"
    return {12: "村里", 9: "乡镇", 6: "县里", 4: "市里"}.get(len(organisation), "其他站")


def _view(visit: Visit, delivery: Delivery | None, account: SignedIn | None, *, is_known: bool) -> VisitView:
    elsewhere = RecordState.RECEIVED if is_known else RecordState.SAVED
    return VisitView(
        visit=visit,
        state=delivery.state if delivery else elsewhere,
        receipt=delivery.receipt if delivery else None,
        refusal=delivery.refusal if delivery else None,
        is_mine=delivery is not None and (account is None or visit.performer == account.account_id),
        performer_label=performer_label(visit, account),
    )
