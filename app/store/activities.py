"""Symposia and deeds talks: recording one, correcting it, taking it back, and which there were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.codes import ActivityKind, AttendeeKind
from app.domain.errors import BadInput, TooLateToUndo, UnknownRecord
from app.domain.facts import Activity
from app.store import drafts, heads, outbox
from app.store.account import SignedIn, signed_in_account
from app.store.outbox import NewChange, RecordState
from app.store.store import Store
from app.store.visits import UNDO_MS, Delivery, deliveries_of

ACTIVITY = "activity"  # `about` of the draft of one that was begun
_WRITTEN = ("kind", "at", "place", "attendance", "people", "minutes")


@dataclass(frozen=True, slots=True)
class NewActivity:
    """A meeting as the form has it: codes of ActivityKind and AttendeeKind, ids of persons, `at` aware."""

    kind: str
    at: datetime
    place: str
    attendance: Mapping[str, int]
    people: tuple[str, ...] = ()
    minutes: str = ""


@dataclass(frozen=True, slots=True)
class ActivityView:
    """A meeting as a list shows it. What was entered elsewhere is received and cannot be changed here."""

    activity: Activity
    delivery: Delivery | None
    is_undone: bool

    @property
    def state(self) -> RecordState:
        return self.delivery.state if self.delivery else RecordState.RECEIVED

    @property
    def is_mine(self) -> bool:
        return self.delivery is not None


def record_activity(store: Store, new: NewActivity) -> str:
    """Save a meeting in ONE transaction with its draft dropped; returns its id.

    Raises BadInput for what no meeting can be, StorageFull; then nothing was saved.
    """
    account = signed_in_account(store)
    _check(new)
    activity = _model(new, store.new_id(), account)
    with store.transaction():
        changes = outbox.append(
            store,
            [NewChange(activity.entity, activity.id, fields=activity.fields_of())],
            device=account.device,
            actor=account.account_id,
        )
        heads.add_new(store, changes)
        drafts.forget_draft(store, "", about=ACTIVITY)
    return activity.id


def amend_activity(store: Store, record: str, new: NewActivity) -> None:
    """Correct a meeting entered here, in one transaction; the server keeps what stood before.

    Says only what differs, and writes nothing where nothing does. Raises BadInput for one taken back
    and for what no meeting can be, UnknownRecord for one not entered here.
    """
    account = signed_in_account(store)
    _entered_ms(store, record)
    _check(new)
    head = heads.shown_head(store, record)
    if head.is_voided:
        raise BadInput("这次活动已经撤销，不能改。请另记一次。")
    old = Activity.read(record, head.values)
    before = old.fields_of()
    after = old.model_copy(update={name: getattr(new, name) for name in _WRITTEN}).fields_of()
    fields = {name: None for name in before if name not in after} | {
        name: value for name, value in after.items() if before.get(name) != value
    }
    with store.transaction():
        if fields:
            outbox.append(
                store,
                [NewChange("activity", record, kind="patch", base=head.version, fields=fields)],
                device=account.device,
                actor=account.account_id,
            )
            heads.refresh_shown(store, [record])
        drafts.forget_draft(store, "", about=record)


def undo_activity(store: Store, record: str) -> None:
    """Take a meeting entered here back, in one transaction; repeating it does nothing.

    Raises TooLateToUndo after 24 hours, UnknownRecord for one not entered here.
    """
    account = signed_in_account(store)
    saved_ms = _entered_ms(store, record)
    head = heads.shown_head(store, record)
    if head.is_voided:
        return
    if store.now_ms() - saved_ms > UNDO_MS:
        raise TooLateToUndo("超过 24 小时不能撤销，可以更正。")
    with store.transaction():
        outbox.append(
            store,
            [NewChange("activity", record, kind="void", base=head.version)],
            device=account.device,
            actor=account.account_id,
        )
        heads.refresh_shown(store, [record])


def activities(store: Store) -> list[ActivityView]:
    """All meetings of the campaign known here, latest first; undone ones only where undone here."""
    account = signed_in_account(store)
    found = []
    for record, values in heads.values_of(store, "activity"):
        if values.get("campaign") != account.campaign.code:
            continue
        (activity,) = heads.read_all(Activity, [(record, {**values, "voided": False})]) or (None,)
        delivery = deliveries_of(store, [record]).get(record)
        is_undone = bool(values.get("voided"))
        if activity is not None and (delivery is not None or not is_undone):
            found.append(ActivityView(activity, delivery, is_undone))
    return sorted(found, key=lambda view: (view.activity.at, view.activity.id), reverse=True)


def activity_view(store: Store, record: str) -> ActivityView:
    """One meeting; raises UnknownRecord."""
    values = heads.shown_head(store, record).values
    activity = Activity.read(record, {**values, "voided": False})
    return ActivityView(activity, deliveries_of(store, [record]).get(record), bool(values.get("voided")))


def _model(new: NewActivity, record: str, account: SignedIn) -> Activity:
    return Activity(
        id=record,
        campaign=account.campaign.code,
        organisation=account.organisation,
        performer=account.account_id,
        **{name: getattr(new, name) for name in _WRITTEN},
    )


def _check(new: NewActivity) -> None:
    if new.kind not in frozenset(ActivityKind):
        raise BadInput("还没选是座谈会还是宣讲会，没有存。", field="kind")
    if set(new.attendance) - frozenset(AttendeeKind) or any(n < 0 for n in new.attendance.values()):
        raise BadInput("到会人数看不明白，没有存。请写数字。", field="attendance")
    if not any(new.attendance.values()):
        raise BadInput("还没填到会人数，没有存。", field="attendance")
    if new.at.tzinfo is None:
        raise BadInput("时间缺时区，没有存。请重新选时间。", field="at")


def _entered_ms(store: Store, record: str) -> int:
    found = store.db.execute(
        "SELECT saved_at FROM outbox WHERE record = ? AND entity = 'activity' AND kind = 'create'", (record,)
    ).fetchone()
    if found is None:
        raise UnknownRecord(f"这次活动（{record}）不是在这部手机上记的，不能在这里改。")
    return int(found[0])
