"""What a visit or a meeting finds out beside itself: steps of a need, opinions, confirmations, photos.

All of them are facts (docs/SYNC.md): append-only, amended with history, never in conflict. Each names
the visit or the activity it came from, never the other way round, so that one added later amends
nothing. Codes are those of app.domain.codes.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime, Field

from app.domain.models import Fen, RecordModel


class NeedStep(RecordModel):
    """One step in the handling of a need (核实, 上报, 受理, ... 回访).

    `state` is the state that the need is in after it (NeedState). A need is in the state of its latest
    step that is not voided, by `(effective hlc, device, seq)`; without one, in that of the need itself.
    `outcome` (NeedOutcome) belongs to 办结; `assistance` and `money_fen` to what was given; `satisfied`
    to 回访, None where nobody was asked.
    """

    entity: ClassVar[str] = "need_step"
    sets: ClassVar[frozenset[str]] = frozenset({"assistance"})

    campaign: str
    need: str
    person: str
    organisation: str
    performer: str
    state: str
    at: AwareDatetime
    words: str = ""
    outcome: str | None = None
    assistance: tuple[str, ...] = ()
    money_fen: Fen = Field(default=0, ge=0)
    satisfied: bool | None = None
    voided: bool = False


class Opinion(RecordModel):
    """One opinion or suggestion (意见建议).

    An anonymous one names neither person nor visit, and all know only its day. One about a worker has
    no `words`: they are in `sealed`, which only the county opens (base64; app.domain.sealing), and the
    record belongs to the county, so that the recorder's own station does not get it.
    """

    entity: ClassVar[str] = "opinion"

    campaign: str
    organisation: str
    target: str
    day: date
    anonymous: bool = False
    person: str | None = None
    visit: str | None = None
    words: str = ""
    sealed: str = ""
    voided: bool = False


class Activity(RecordModel):
    """A symposium or a talk on exemplary deeds (座谈会, 先进事迹宣讲会).

    `attendance` counts by AttendeeKind; `people` are those of the roster who were there, which need not
    be all. It is about no single person and belongs to the organiser, `organisation`.
    """

    entity: ClassVar[str] = "activity"
    sets: ClassVar[frozenset[str]] = frozenset({"attendance", "people"})

    campaign: str
    organisation: str
    performer: str
    kind: str
    at: AwareDatetime
    place: str = ""
    attendance: dict[str, int] = Field(default_factory=dict)
    people: tuple[str, ...] = ()
    minutes: str = ""
    voided: bool = False


class Confirmation(RecordModel):
    """The annual confirmation of one person (年度确认); one that was put off does not count as done.

    `year` is that of the campaign.
    """

    entity: ClassVar[str] = "confirmation"

    campaign: str
    person: str
    visit: str | None = None
    organisation: str
    performer: str
    year: int = Field(ge=2000, le=2100)
    method: str
    result: str
    at: AwareDatetime
    words: str = ""
    voided: bool = False


class CardStep(RecordModel):
    """One step of a person's preferential card (优待证). `state` is a CardState; the latest holds."""

    entity: ClassVar[str] = "card_step"

    campaign: str
    person: str
    visit: str | None = None
    organisation: str
    performer: str
    state: str
    at: AwareDatetime
    voided: bool = False


class FileStep(RecordModel):
    """One step of a person's file-and-card registration (建档立卡): a FileState; the latest holds."""

    entity: ClassVar[str] = "file_step"

    campaign: str
    person: str
    visit: str | None = None
    organisation: str
    performer: str
    state: str
    at: AwareDatetime
    voided: bool = False


class ExemplarySubject(RecordModel):
    """Somebody whose deeds are worth telling (先进典型). Without `consent` nothing of it is published.

    `consent` says how it was given ("本人口头同意"), empty where it was not.
    """

    entity: ClassVar[str] = "exemplary"

    campaign: str
    person: str
    visit: str | None = None
    organisation: str
    performer: str
    kind: str
    deeds: str
    level: str | None = None
    year: int | None = Field(default=None, ge=1930, le=2100)
    consent: str = ""
    at: AwareDatetime
    voided: bool = False


class Photo(RecordModel):
    """What a photo or a short video is (图片, 视频); its bytes travel apart, under their SHA-256.

    Of a visit (then `person` is the visit's) or of an activity. `sha256` is that of the bytes as kept on
    the phone, in lower-case hex; two records may name the same bytes. `consent` is demanded of a photo
    for publicity and says how it was given.
    """

    entity: ClassVar[str] = "photo"

    campaign: str
    organisation: str
    performer: str
    visit: str | None = None
    person: str | None = None
    activity: str | None = None
    kind: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size_bytes: int = Field(gt=0)
    mime: str
    width: int = Field(default=0, ge=0)
    height: int = Field(default=0, ge=0)
    taken_at: AwareDatetime
    caption: str = ""
    consent: str = ""
    voided: bool = False


FACTS: tuple[type[RecordModel], ...] = (
    NeedStep,
    Opinion,
    Activity,
    Confirmation,
    CardStep,
    FileStep,
    ExemplarySubject,
    Photo,
)
