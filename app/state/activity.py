"""The form for a symposium or a deeds talk: what is chosen and typed so far, and what it becomes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from app.domain.codes import AttendeeKind
from app.domain.facts import Activity
from app.state.form import FormProblem, Saved, VisitForm, moment_of
from app.state.session import Session
from app.state.typed import CHINA, count_of
from app.store import activities, drafts
from app.store.activities import ACTIVITY, NewActivity

MOST = 9999  # people at one meeting


@dataclass(frozen=True, slots=True)
class ActivityForm:
    """Codes, and texts as typed; `attendance` by AttendeeKind. `day` and `time` empty: now."""

    kind: str = ""
    day: str = ""
    time: str = ""
    place: str = ""
    attendance: dict[str, str] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    minutes: str = ""

    def with_count(self, kind: str, written: str) -> ActivityForm:
        """The form with the number of `kind` as typed."""
        return replace(self, attendance={**self.attendance, kind: written})

    def stepped(self, kind: str, by: int) -> ActivityForm:
        """The form with `by` more of `kind`, never fewer than none; what is no number counts as none."""
        count = min(MOST, max(0, (count_of(self.attendance.get(kind, "")) or 0) + by))
        return self.with_count(kind, f"{count}" if count else "")

    @property
    def total(self) -> int:
        """How many came, of what is written as a number."""
        return sum(count_of(written) or 0 for written in self.attendance.values())


def _from_draft(draft: dict[str, Any]) -> ActivityForm:
    known = {f.name: draft[f.name] for f in fields(ActivityForm) if f.name in draft}
    known["people"] = tuple(known.get("people", ()))
    return ActivityForm(**known)


def _of_activity(activity: Activity) -> ActivityForm:
    at = activity.at.astimezone(CHINA)
    return ActivityForm(
        kind=activity.kind,
        day=f"{at:%Y-%m-%d}",
        time=f"{at:%H:%M}",
        place=activity.place,
        attendance={kind: f"{count}" for kind, count in activity.attendance.items()},
        people=activity.people,
        minutes=activity.minutes,
    )


def begin_activity(session: Session, record: str) -> tuple[ActivityForm, bool]:
    """The form for a new meeting (`record` empty) or a correction; True where it was begun before.

    Raises UnknownRecord.
    """
    kept = drafts.draft_of(session.store, "", about=record or ACTIVITY)
    if kept:
        return _from_draft(kept), True
    return as_saved(session, record), False


def as_saved(session: Session, record: str) -> ActivityForm:
    """The form without what was begun: empty, or as the meeting stands."""
    if not record:
        return ActivityForm()
    return _of_activity(activities.activity_view(session.store, record).activity)


def keep_activity(session: Session, record: str, form: ActivityForm) -> None:
    """Keep `form` as typed so far; one that says nothing new leaves no draft behind."""
    if form == as_saved(session, record):
        drafts.drop_draft(session.store, "", about=record or ACTIVITY)
    else:
        drafts.keep_draft(session.store, "", asdict(form), about=record or ACTIVITY)


def save_activity(session: Session, record: str, form: ActivityForm, *, back: str) -> None:
    """Save `form` as a new meeting, or as a correction of `record`; committed when this returns.

    Raises FormProblem for what is missing or unclear, StoreFault; then the draft is still there.
    """
    new = _new_activity(session, form)
    if record:
        activities.amend_activity(session.store, record, new)
    else:
        made = activities.record_activity(session.store, new)
        session.bar.saved = Saved("activity", made, back)
    session.wake("save")


def undo_activity(session: Session, record: str, *, shown_at: str) -> None:
    """Take the meeting back; raises TooLateToUndo after 24 hours."""
    activities.undo_activity(session.store, record)
    session.bar.saved = Saved("activity", record, shown_at, is_undone=True)
    session.wake("save")


def _new_activity(session: Session, form: ActivityForm) -> NewActivity:
    if not form.kind:
        raise FormProblem("kind", "activity.kind.missing")
    attendance = {}
    for kind in AttendeeKind:
        count = count_of(form.attendance.get(kind.value, ""))
        if count is None or count > MOST:
            raise FormProblem(kind.value, "activity.count.bad", most=MOST)
        if count:
            attendance[kind.value] = count
    if not attendance:
        raise FormProblem("attendance", "activity.count.missing")
    if len(form.people) > sum(attendance.values()):
        raise FormProblem("attendance", "activity.count.few", n=len(form.people))
    at = moment_of(VisitForm(day=form.day, time=form.time), campaign=session.campaign, now=session.now())
    return NewActivity(
        kind=form.kind,
        at=at,
        place=form.place.strip(),
        attendance=attendance,
        people=form.people,
        minutes=form.minutes.strip(),
    )
