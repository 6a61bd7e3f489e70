"""Putting visits right: a refused one is sent anew (P6), one that stands is amended with its history."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.domain.errors import BadInput
from app.domain.models import Visit
from app.store import drafts, heads, outbox
from app.store.account import signed_in_account
from app.store.outbox import NewChange
from app.store.store import Store
from app.store.visits import NewVisit, check_visit

# What the form says; the rest of a visit is who made it, about whom, and when it was first saved.
_WRITTEN = (
    "method", "result", "at", "checklist", "note", "cash_fen", "goods", "goods_fen", "goods_pieces",
    "letters", "booklets", "died_on", "asks_follow_up",
)  # fmt: skip


def can_mend(store: Store, visit_id: str) -> bool:
    """Whether the visit itself was refused, and neither mended nor taken back since."""
    return _refused(store, visit_id) is not None and not heads.shown_head(store, visit_id).is_voided


def mend_visit(store: Store, visit_id: str, new: NewVisit) -> None:
    """Write the refused visit anew as `new` has it, in one transaction; the refused Change stays kept.

    The new Change names the number that it replaces. Who visited, for whom and when it was first
    saved stay as they were, but for a time still to come, by a clock since put right: that is now.
    Needs saved with the visit are judged again by the server, and those of `new` are left aside.
    Raises BadInput where nothing waits to be mended, and what `record_visit` raises.
    """
    account = signed_in_account(store)
    refused = _refused(store, visit_id)
    if refused is None:
        raise BadInput("这条没有要改的，市里没有退回它。")
    head = heads.shown_head(store, visit_id)
    old = Visit.read(visit_id, head.values)
    if head.is_voided or old.person != new.person:
        raise BadInput("这条已经撤销，或者换了人，不能改。请另记一条。")
    check_visit(store, new, account)
    # Saved while the clock was ahead, it would be refused for that for ever; the worker cannot edit it.
    saved_at = min(old.saved_at, datetime.fromtimestamp(store.now_ms() / 1000, UTC))
    mended = _rewritten(old, new).model_copy(update={"saved_at": saved_at})
    device, seq, kind, base = refused
    # All of the form is said, what is empty too: the server may hold, or be about to release, amendments
    # made before this mend, of which this phone has not heard yet.
    empty = dict.fromkeys(name for name in _WRITTEN if name not in Visit.sets)
    fields = empty | _taken_away(old, mended) | mended.fields_of()
    with store.transaction():
        store.db.execute("UPDATE outbox SET is_replaced = 1 WHERE device = ? AND seq = ?", (device, seq))
        outbox.append(
            store,
            [
                NewChange(
                    "visit",
                    visit_id,
                    kind=kind,
                    base=base,
                    fields=fields,
                    # A number of a former device id names nothing under this one.
                    replaces=seq if device == account.device else None,
                )
            ],
            device=account.device,
            actor=account.account_id,
        )
        heads.refresh_shown(store, [visit_id])
        drafts.forget_draft(store, old.person, about=visit_id)


def amend_visit(store: Store, visit_id: str, new: NewVisit) -> None:
    """Correct a visit that stands, also after the 24 hours, in one transaction.

    The Change says only what differs, on the version held here; the server keeps what stood before
    for the reviewer. Who visited and when it was first saved stay, and so do its needs. Nothing is
    written where nothing differs. Raises BadInput for a visit that was taken back, is about somebody
    else or was refused (`mend_visit` is for those), and what `record_visit` raises.
    """
    account = signed_in_account(store)
    head = heads.shown_head(store, visit_id)
    old = Visit.read(visit_id, head.values)
    if head.is_voided or old.person != new.person or _refused(store, visit_id) is not None:
        raise BadInput("这条已经撤销、没收下，或者换了人，不能更正。没收下的请点去改。")
    check_visit(store, new, account)
    amended = _rewritten(old, new)
    before = old.fields_of()
    said = {name: value for name, value in amended.fields_of().items() if before.get(name) != value}
    fields = _taken_away(old, amended) | said
    if not fields:
        drafts.drop_draft(store, old.person, about=visit_id)
        return
    with store.transaction():
        outbox.append(
            store,
            [NewChange("visit", visit_id, kind="patch", base=head.version, fields=fields)],
            device=account.device,
            actor=account.account_id,
        )
        heads.refresh_shown(store, [visit_id])
        drafts.forget_draft(store, old.person, about=visit_id)


def _rewritten(old: Visit, new: NewVisit) -> Visit:
    return old.model_copy(update={name: getattr(new, name) for name in _WRITTEN})


def _taken_away(old: Visit, new: Visit) -> dict[str, None]:
    kept = new.fields_of()
    return {name: None for name in old.fields_of() if name not in kept}


def _refused(store: Store, visit_id: str) -> Any:
    """(device, seq, kind, base) of the latest refused Change of the visit that waits for a mend."""
    return store.db.execute(
        """
        SELECT device, seq, kind, base
        FROM outbox
        WHERE record = ?
          AND entity = 'visit'
          AND kind IN ('create', 'patch')
          AND state = 'refused'
          AND is_replaced = 0
        ORDER BY hlc DESC
        LIMIT 1
        """,
        (visit_id,),
    ).fetchone()
