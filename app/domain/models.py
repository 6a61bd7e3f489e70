"""What a record's fields mean: frozen models, read from merged values; the smaller facts are in facts.py.

A model is a view of `Head.values`. Fields that are not known here are left where they are, in the
head: an older phone passes them on untouched (P14). Sets are spelt `set/element` on the wire and
in heads (change.py); `read` gathers them, `fields_of` spells them out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from types import NoneType
from typing import Annotated, Any, ClassVar, Self, get_args, get_origin

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.domain.change import VOIDED, Fields

Fen = int  # money in 分, always whole
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)  # a time as text begins so; a count of seconds does not


class RecordModel(BaseModel):
    """Base of all entities: reading from and writing to field values."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    entity: ClassVar[str]
    sets: ClassVar[frozenset[str]] = frozenset()  # fields whose elements merge one by one

    id: str

    @classmethod
    def read(cls, record: str, values: Mapping[str, Any]) -> Self:
        """The model of `record` as `values` have it; raises pydantic's ValidationError where it cannot be."""
        plain: dict[str, Any] = {"id": record}
        for name, value in values.items():
            if value is None:
                continue
            if "/" not in name:
                plain[name] = value
            elif value is not False:
                head, _, element = name.partition("/")
                plain.setdefault(head, {})[element] = value
        for name in cls.sets:
            if isinstance(plain.get(name), dict) and not _is_mapping_field(cls, name):
                plain[name] = sorted(plain[name])
        return cls.model_validate(plain)

    @classmethod
    def misfit(cls, fields: Fields) -> str | None:
        """The first of `fields` whose value is not of the very JSON type that the field has, None if all are.

        `read` takes "100" for 100 and 1659000000 for a time, but what is stored, sent on and counted is
        the value as it came: every reader would have to guess alike. Fields not known here pass (P14).
        """
        kinds, elements, times = _kinds(cls)
        for name, value in fields.items():
            if value is None:
                continue
            kind = kinds.get(name)
            if kind is not None:
                if type(value) is not kind or (name in times and _DAY.match(str(value)) is None):
                    return name
            elif "/" in name:
                element = elements.get(name.partition("/")[0])
                if element is not None and value is not False and type(value) is not element:
                    return name
        return None

    def fields_of(self) -> Fields:
        """The fields of a `create` that makes this record; what is empty or default is left out."""
        fields: Fields = {}
        for name, value in self.model_dump(mode="json", exclude={"id"}, exclude_defaults=True).items():
            if name in self.sets:
                elements = value if isinstance(value, dict) else dict.fromkeys(value, True)
                fields.update({f"{name}/{element}": mark for element, mark in elements.items()})
            else:
                fields[name] = value
        return fields


@cache
def _is_mapping_field(model: type[BaseModel], name: str) -> bool:
    return get_origin(model.model_fields[name].annotation) is dict


@cache
def _kinds(model: type[RecordModel]) -> tuple[dict[str, type], dict[str, type], frozenset[str]]:
    """The JSON type of each plain field, that of each set's elements, and which texts are times."""
    kinds: dict[str, type] = {}
    elements: dict[str, type] = {}
    times: set[str] = set()
    for name, field in model.model_fields.items():
        kind = _plain_type(field.annotation)
        if name in model.sets:
            elements[name] = _plain_type(get_args(kind)[1]) if get_origin(kind) is dict else bool
        else:
            kinds[name] = str if issubclass(kind, date) else kind
            times |= {name} if issubclass(kind, date) else set()
    return kinds, elements, frozenset(times)


def _plain_type(annotation: Any) -> Any:
    """`annotation` without None and what pydantic adds to it; its AwareDatetime is a datetime."""
    if get_origin(annotation) is Annotated:
        return _plain_type(get_args(annotation)[0])
    if annotation is AwareDatetime:
        return datetime
    found = [part for part in get_args(annotation) if part is not NoneType]
    return _plain_type(found[0]) if NoneType in get_args(annotation) else annotation


class Person(RecordModel):
    """One on the roster (服务对象). A profile: edited in place, merged by field.

    `born` is YYYY, YYYY-MM or YYYY-MM-DD. `village` is a 12-digit division code; `unit` the
    organisation code of an employer that reports by itself (市直, 省部属单位). `phones` maps a
    normalised number to whose it is ("本人", "女儿", "村干部"). `id_problem` says what the roster
    could not tell (digits_lost, checksum, missing_id), `id_reason` why a number that fails its check is
    kept all the same; `duplicate_of` the record listed first; `merged_into` the record that a reviewer
    found to be the same person, until he takes it back; `distinct` those that he found to be somebody
    else, however alike.
    """

    entity: ClassVar[str] = "person"
    sets: ClassVar[frozenset[str]] = frozenset({"categories", "living", "honours", "phones", "distinct"})

    name: str
    village: str = ""
    unit: str | None = None
    id_number: str | None = None
    id_problem: str | None = None
    id_reason: str = ""
    duplicate_of: str | None = None
    merged_into: str | None = None
    distinct: tuple[str, ...] = ()
    sex: str | None = None
    born: str | None = None
    hamlet: str = ""
    house: str = ""
    household: str | None = None
    categories: tuple[str, ...] = ()
    living: tuple[str, ...] = ()
    honours: tuple[str, ...] = ()
    merit: str | None = None
    employment: str | None = None
    phones: dict[str, str] = Field(default_factory=dict)
    away: str | None = None
    away_place: str = ""
    deceased: bool = False  # as the roster has it; a visit's result 已故 is derived, not written here
    no_call: bool = False
    no_photo: bool = False
    file_state: str | None = None
    card_state: str | None = None
    note: str = ""
    voided: bool = False

    @property
    def second_of(self) -> str | None:
        """The record that stands for this one: a reviewer's word goes before the roster's."""
        return self.merged_into or self.duplicate_of


class Visit(RecordModel):
    """One contact with one person (走访慰问). A fact: append-only, amended with history.

    `method`, `result` and `checklist` are codes of the campaign file. `at` is when it happened,
    `saved_at` when it was written down (补录 shows the difference). Money in 分. `organisation` is
    the performer's. Only person, method, result and time are demanded (domain.md 2.3). `died_on`, where
    the result is a death, is YYYY-MM-DD, YYYY-MM or YYYY.
    """

    entity: ClassVar[str] = "visit"
    sets: ClassVar[frozenset[str]] = frozenset({"checklist"})

    campaign: str
    person: str
    organisation: str
    performer: str
    method: str
    result: str
    at: AwareDatetime
    saved_at: AwareDatetime
    checklist: tuple[str, ...] = ()
    cash_fen: Fen = Field(default=0, ge=0)
    goods_fen: Fen = Field(default=0, ge=0)
    goods_pieces: int = Field(default=0, ge=0)
    goods: str = ""
    letters: int = Field(default=0, ge=0)
    booklets: int = Field(default=0, ge=0)
    note: str = ""
    died_on: str | None = None
    asks_follow_up: bool = False
    voided: bool = False


class Need(RecordModel):
    """A hardship found (困难). Names its visit, not the visit it, so that one added later amends nothing."""

    entity: ClassVar[str] = "need"

    campaign: str
    person: str
    visit: str | None = None
    organisation: str
    type: str
    severity: str
    cause: str | None = None
    state: str = "FOUND"  # as found; what it has come to is told by its steps (facts.NeedStep)
    words: str = ""
    found_at: AwareDatetime
    voided: bool = False


__all__ = ["VOIDED", "Fen", "Need", "Person", "RecordModel", "Visit"]
