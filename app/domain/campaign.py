"""A campaign is configuration: one TOML file says what is recorded, who comes first and what is reported.

Next year is another file and no code (domain.md section 0). This module is the file's grammar: a
mistake in it is one sentence that names the place, not a crash in July. Files lie in
`assets/campaigns/`; the server sends the one in force to phones at sign-in.
"""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.domain.errors import BadConfig


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Method(Part):
    """A way of contact. `face` is true when worker and person meet; it decides the results offered."""

    code: str
    label: str
    label_en: str
    icon: str
    face: bool
    sends: bool = False  # a message sent counts by itself (微信, 短信), without being an encounter


class Result(Part):
    """An outcome. `contact`: the person or the family was reached, which counts as 已访 (C1, C3).

    `offered` names the methods' kinds that offer it: face, far, sends. `label_far` is the word at a
    distance (见到本人 / 联系到本人). `leaves` says what it means for the list: done, retry, out.
    """

    code: str
    label: str
    label_far: str = ""
    label_en: str
    label_far_en: str = ""
    contact: bool = False
    sent: bool = False
    death: bool = False
    offered: tuple[str, ...]


class ChecklistItem(Part):
    code: str
    label: str
    label_en: str
    duty: str  # the obligation of the notice, e.g. R24


class Group(Part):
    """People who come first. A person belongs when any of the conditions holds (they are not combined)."""

    code: str
    label: str
    label_en: str
    care: str = "visit"  # visit (R16, counts in D5), care (R17) or list (a filter only)
    min_age: int | None = None
    categories: tuple[str, ...] = ()
    living: tuple[str, ...] = ()
    employment: tuple[str, ...] = ()
    honours: tuple[str, ...] = ()
    merits: tuple[str, ...] = ()
    away: bool = False
    has_need: bool = False


class Column(Part):
    """A column of the summary table: id of domain.md section 4, header, unit and the metric that fills it."""

    id: str
    header: str
    unit: str
    metric: str


class Limits(Part):
    """What an entry may be before it is asked about; beyond it the server quarantines."""

    cash_fen: int = Field(gt=0)
    goods_fen: int = Field(gt=0)


class Campaign(Part):
    """One year's campaign, checked as a whole: codes are unique and every reference is known."""

    code: str
    name: str
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
    columns: tuple[Column, ...]
    limits: Limits
    phrases: tuple[str, ...] = ()

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
        kinds = {"face", "far", "sends"}
        for result in self.results:
            if not set(result.offered) <= kinds:
                raise ValueError(f"results {result.code} 的 offered 只能是 face、far、sends")
        return self

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
    """The campaign in TOML `text`; raises BadConfig naming `source` and the first thing that is wrong."""
    try:
        return Campaign.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as fault:
        raise BadConfig(f"活动配置 {source} 不是正确的 TOML：{fault}。请改好后再用。") from fault
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(str(p) for p in first["loc"]) or "整个文件"
        raise BadConfig(f"活动配置 {source} 的 {where} 有误：{first['msg']}。请改好后再用。") from fault
