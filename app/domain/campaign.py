"""A campaign is configuration: one TOML file says what is recorded, who comes first and what is reported.

Next year is another file and no code (domain.md section 0). This module is the file's grammar: a
mistake in it is one sentence that names the place, not a crash in July. Files lie in
`assets/campaigns/`; the server sends the one in force to phones at sign-in.
"""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.domain.categories import BenefitCategory
from app.domain.codes import Employment, Honour, LivingTag, Merit, NeedState
from app.domain.errors import BadConfig
from app.domain.reasons import field_reason, place_of, toml_reason

# Fact rows and exports join codes by blanks, and the server's columns are as wide as this.
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=16)]
ItemCode = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=32)]
CampaignCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]
Words = Annotated[str, Field(min_length=1)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Method(Part):
    """A way of contact. `face` is true when worker and person meet; it decides the results offered."""

    code: Code
    label: Words
    label_en: str
    icon: str
    face: bool
    sends: bool = False  # a message sent counts by itself (微信, 短信), without being an encounter


class Result(Part):
    """An outcome. `contact`: the person or the family was reached, which counts as 已访 (C1, C3).

    `offered` names the methods' kinds that offer it: face, far, sends. `label_far` is the word at a
    distance (见到本人 / 联系到本人). `leaves` says what it means for the list: done, retry, out.
    """

    code: Code
    label: Words
    label_far: str = ""
    label_en: str
    label_far_en: str = ""
    contact: bool = False
    sent: bool = False
    death: bool = False
    offered: tuple[Literal["face", "far", "sends"], ...] = Field(min_length=1)


class ChecklistItem(Part):
    code: ItemCode
    label: Words
    label_en: str
    duty: str  # the obligation of the notice, e.g. R24


class Group(Part):
    """People who come first. A person belongs when any of the conditions holds (they are not combined)."""

    code: ItemCode
    label: Words
    label_en: str
    care: Literal["visit", "care", "list"] = (
        "visit"  # visit (R16, counts in D5), care (R17) or list (a filter only)
    )
    min_age: int | None = Field(default=None, ge=0)
    categories: tuple[str, ...] = ()
    living: tuple[str, ...] = ()
    employment: tuple[str, ...] = ()
    honours: tuple[str, ...] = ()
    merits: tuple[str, ...] = ()
    away: bool = False
    has_need: bool = False


class Column(Part):
    """A column of the summary table: id of domain.md section 4, header, unit and the metric that fills it."""

    id: Words
    header: Words
    unit: str
    metric: str


class Limits(Part):
    """What an entry may be before it is asked about; beyond it the server quarantines."""

    cash_fen: int = Field(gt=0)
    goods_fen: int = Field(gt=0)
    aid_fen: int = Field(default=20_000_000, gt=0)  # one step's assistance; a house repair is the dearest


_Level = Literal["VILLAGE", "TOWNSHIP", "COUNTY", "CITY", "UNIT"]


class NeedClock(Part):
    """By when a need in `state` should go on, for reminders only (app.domain.needs).

    `level` is that of the station that brought it there, None for any; `by` who is to act. `days` are
    working days unless `working` is false; `urgent_days`, for 紧急, are days of the calendar.
    """

    state: NeedState
    level: _Level | None = None
    by: _Level
    days: int = Field(ge=0, le=366)
    working: bool = True
    urgent_days: int | None = Field(default=None, ge=0, le=366)


_CODES_OF_GROUPS: dict[str, frozenset[str]] = {
    "categories": frozenset(BenefitCategory),
    "living": frozenset(LivingTag),
    "employment": frozenset(Employment),
    "honours": frozenset(Honour),
    "merits": frozenset(Merit),
}


class Campaign(Part):
    """One year's campaign, checked as a whole: codes are unique and every reference is known."""

    code: CampaignCode
    name: Words
    name_en: str
    region: str
    starts_on: date
    units_due_on: date
    counties_due_on: date
    ends_on: date
    reference_date: date  # ages count on this day
    methods: tuple[Method, ...] = Field(min_length=1)
    results: tuple[Result, ...] = Field(min_length=1)
    checklist: tuple[ChecklistItem, ...]
    groups: tuple[Group, ...]
    columns: tuple[Column, ...] = Field(min_length=1)
    limits: Limits
    phrases: tuple[str, ...] = ()
    clocks: tuple[NeedClock, ...] = ()
    holidays: tuple[date, ...] = ()
    extra_workdays: tuple[date, ...] = ()  # weekends that are worked (调休)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for title, parts in (
            ("methods", self.methods),
            ("results", self.results),
            ("checklist", self.checklist),
            ("groups", self.groups),
        ):
            codes = [p.code for p in parts]
            twice = sorted({c for c in codes if codes.count(c) > 1})
            if twice:
                raise ValueError(f"{title} 里代码重复：{'、'.join(twice)}")
        if not self.starts_on <= self.ends_on:
            raise ValueError("starts_on 晚于 ends_on")
        for group in self.groups:
            for field, known in _CODES_OF_GROUPS.items():
                unknown = sorted(set(getattr(group, field)) - known)
                if unknown:
                    raise ValueError(f"groups {group.code} 的 {field} 里有不认得的代码 {'、'.join(unknown)}")
        return self

    @property
    def year(self) -> int:
        """The year of its annual confirmation (年度确认), which all that are made in it are for."""
        return self.reference_date.year

    def method(self, code: str) -> Method | None:
        return next((m for m in self.methods if m.code == code), None)

    def result(self, code: str) -> Result | None:
        return next((r for r in self.results if r.code == code), None)

    def results_for(self, method: Method) -> tuple[Result, ...]:
        """The results that `method` offers, in the file's order."""
        kinds = {"face"} if method.face else {"far", "sends"} if method.sends else {"far"}
        return tuple(r for r in self.results if kinds & set(r.offered))

    def ending_on(self, last_day: date, *, name: str) -> Campaign:
        """The same campaign with every date moved so that it ends on `last_day` (for demonstrations)."""
        by: timedelta = last_day - self.ends_on
        dates = ("starts_on", "units_due_on", "counties_due_on", "ends_on", "reference_date")
        return self.model_copy(update={d: getattr(self, d) + by for d in dates} | {"name": name})


def read_campaign(text: str, *, source: str) -> Campaign:
    """The campaign in TOML `text`; raises BadConfig naming `source` and the first thing that is wrong.

    Whether its columns can be filled is `app.domain.metrics.check_columns`' to say.
    """
    if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
        raise BadConfig(f"活动配置 {source} 不是 UTF-8 编码的文本。请另存为 UTF-8 再用。")
    try:
        return Campaign.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as fault:
        raise BadConfig(f"活动配置 {source} 的{toml_reason(fault)}不是正确的 TOML。请改好后再用。") from fault
    except ValidationError as fault:
        first = fault.errors()[0]
        where, reason = place_of(first["loc"]), field_reason(first)
        if not first["loc"]:  # a rule about the whole file, whose words name the place
            raise BadConfig(f"活动配置 {source} 有误：{reason}。请改好后再用。") from fault
        raise BadConfig(
            f"活动配置 {source} 的 {where} 有误：{reason}。请改好后再用。", field=where
        ) from fault
