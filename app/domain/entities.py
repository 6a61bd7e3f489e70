"""Every entity that travels, by name: what a phone may send and a server keeps."""

from __future__ import annotations

from app.domain.facts import FACTS
from app.domain.models import Need, Person, RecordModel, Visit

_ALL: tuple[type[RecordModel], ...] = (Person, Visit, Need, *FACTS)

MODELS: dict[str, type[RecordModel]] = {model.entity: model for model in _ALL}
