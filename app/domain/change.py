"""Change: an immutable statement about one record, the one thing that travels.

The same type is outbox row, wire line and history row (architecture.md, decision 5). Its identity
is `(device, seq)`. Sets travel by element, as fields named `set/element` (`categories/VETERAN`:
true, `phones/13900000000`: "本人"), so that merging by field merges them by element.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["create", "patch", "void"]
Fields = dict[str, Any]

VOIDED = "voided"  # the field that a `void` writes; never sent by hand


class Change(BaseModel):
    """What one device said about one record.

    `seq` rises by one per device and is never used again. `hlc` is the device's claim of time
    (see stamp.py). `base` is the record's server version that the device held: the change has
    seen everything up to it and all earlier changes of its own device. `fields` maps field names
    to JSON values; None takes a value (or a set's element) away. `replaces` is the `seq` of a refused
    Change of the same device that this one mends (P6).
    """

    model_config = ConfigDict(frozen=True)

    device: str = Field(min_length=1, max_length=64)
    seq: int = Field(ge=1, lt=2**53)
    hlc: int = Field(ge=0, lt=2**63)
    actor: str = Field(max_length=64)
    entity: str = Field(min_length=1, max_length=32)
    record: str = Field(min_length=1, max_length=64)
    kind: Kind = "create"
    base: int = Field(default=0, ge=0, lt=2**53)
    fields: Fields = Field(default_factory=dict)
    replaces: int | None = Field(default=None, ge=1, lt=2**53)

    def writes(self) -> Fields:
        """The field values that this change sets; a `void` sets `voided`."""
        return {VOIDED: True} if self.kind == "void" else self.fields
