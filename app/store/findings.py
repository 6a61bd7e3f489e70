"""What is found out of a person: annual confirmation, steps of card and file, exemplary deeds.

Each is a fact of its own that names its visit, if there was one, so that one added later amends
nothing. Where steps tell a state, the latest that stands holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from app.domain.codes import (
    CardState,
    ConfirmationMethod,
    ConfirmationResult,
    ExemplaryKind,
    FileState,
    HonourLevel,
)
from app.domain.errors import BadInput, TooLateToUndo, UnknownRecord
from app.domain.facts import CardStep, Confirmation, ExemplarySubject, FileStep
from app.domain.models import RecordModel
from app.store import drafts, heads, outbox
from app.store.account import SignedIn, signed_in_account
from app.store.outbox import NewChange
from app.store.store import Store
from app.store.undo import UNDO_MS, made_with, void

Model = TypeVar("Model", bound=RecordModel)


@dataclass(frozen=True, slots=True)
class NewConfirmation:
    """An annual confirmation: codes of ConfirmationMethod and ConfirmationResult."""

    method: str
    result: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class NewExemplary:
    """Somebody whose deeds are worth telling; `consent` says how it was given, empty where it was not."""

    kind: str
    deeds: str
    level: str | None = None
    year: int | None = None
    consent: str = ""


@dataclass(frozen=True, slots=True)
class NewFindings:
    """What was found out at one time; `card` is a CardState and `file` a FileState."""

    confirmation: NewConfirmation | None = None
    card: str | None = None
    file: str | None = None
    exemplary: NewExemplary | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known of a person, each latest first."""

    confirmations: tuple[Confirmation, ...]
    card_steps: tuple[CardStep, ...]
    file_steps: tuple[FileStep, ...]
    exemplary: tuple[ExemplarySubject, ...]


def findings_of(store: Store, person: str) -> Findings:
    """What stands about the person, from every station."""
    return Findings(
        confirmations=_read(store, Confirmation, person),
        card_steps=_read(store, CardStep, person),
        file_steps=_read(store, FileStep, person),
        exemplary=_read(store, ExemplarySubject, person),
    )


def record_findings(
    store: Store, person: str, new: NewFindings, *, at: datetime, draft: str | None = None
) -> str:
    """Save what was found out without a visit, in ONE transaction; returns the id under which it is undone.

    `draft` names what was typed (drafts.py) and is dropped with the save. Raises BadInput where there is
    nothing to save or a code is none, UnknownRecord for a person who is not here, StorageFull.
    """
    account = signed_in_account(store)
    heads.shown_head(store, person)
    models = models_of(store, new, account=account, person=person, visit=None, at=at)
    if not models:
        raise BadInput("还没选，没有存。请选一项再存。", field="state")
    with store.transaction():
        changes = outbox.append(
            store,
            [NewChange(m.entity, m.id, fields=m.fields_of(), about=models[0].id) for m in models],
            device=account.device,
            actor=account.account_id,
        )
        heads.add_new(store, changes)
        if draft is not None:
            drafts.forget_draft(store, person, about=draft)
    return models[0].id


def models_of(
    store: Store, new: NewFindings, *, account: SignedIn, person: str, visit: str | None, at: datetime
) -> list[RecordModel]:
    """The records that `new` makes, checked; raises BadInput for what none can be."""
    made: dict[str, Any] = {
        "campaign": account.campaign.code,
        "person": person,
        "visit": visit,
        "organisation": account.organisation,
        "performer": account.account_id,
        "at": at,
    }
    models: list[RecordModel] = []
    if new.confirmation is not None:
        said = new.confirmation
        _known(said.result, ConfirmationResult, "年度确认的结果", "confirmation")
        _known(said.method, ConfirmationMethod, "年度确认的方式", "confirmation_method")
        told: dict[str, Any] = {"method": said.method, "result": said.result, "words": said.words}
        models.append(Confirmation(id=store.new_id(), year=account.campaign.year, **told, **made))
    if new.card is not None:
        _known(new.card, CardState, "优待证", "card")
        models.append(CardStep(id=store.new_id(), state=new.card, **made))
    if new.file is not None:
        _known(new.file, FileState, "建档立卡", "file")
        models.append(FileStep(id=store.new_id(), state=new.file, **made))
    if new.exemplary is not None:
        models.append(_exemplary(store, new.exemplary, made))
    return models


def _exemplary(store: Store, new: NewExemplary, made: dict[str, Any]) -> ExemplarySubject:
    _known(new.kind, ExemplaryKind, "先进典型", "exemplary_kind")
    if new.level is not None:
        _known(new.level, HonourLevel, "先进典型的级别", "exemplary_level")
    if not new.deeds:
        raise BadInput("先进典型还没写事迹，没有存。请写一两句再存。", field="exemplary_deeds")
    return ExemplarySubject(
        id=store.new_id(),
        kind=new.kind,
        deeds=new.deeds,
        level=new.level,
        year=new.year,
        consent=new.consent,
        **made,
    )


def undo_findings(store: Store, about: str) -> None:
    """Take back what `record_findings` saved under this id, in one transaction. Repeating it does nothing.

    Raises UnknownRecord for what was not made here, TooLateToUndo after 24 hours.
    """
    account = signed_in_account(store)
    saved = store.db.execute(
        "SELECT saved_at FROM outbox WHERE record = ? AND kind = 'create'", (about,)
    ).fetchone()
    if saved is None:
        raise UnknownRecord(f"这一条（{about}）不是在这部手机上记的，不能在这里撤销。")
    standing = made_with(store, about)
    if not standing:
        return
    if store.now_ms() - saved[0] > UNDO_MS:
        raise TooLateToUndo("超过 24 小时不能撤销，可以再记一次。")
    void(store, standing, about=about, account=account)


def _read(store: Store, model: type[Model], person: str) -> tuple[Model, ...]:
    """In the order in which the steps count: (effective hlc, device, seq), the latest first."""
    made = heads.heads_of(store, model.entity, [person])
    made.sort(key=lambda head: (head.first.hlc, head.first.device, head.first.seq), reverse=True)
    return tuple(heads.read_all(model, ((head.record, dict(head.values)) for head in made)))


def _known(code: str, codes: Iterable[str], what: str, field: str) -> None:
    if code not in set(codes):
        raise BadInput(f"{what}没有“{code}”这一项，请重新选。", field=field)
