"""What must be true when the faults have stopped and everything has come to rest.

The oracle's words on one side; on the other the server's log, its records and figures, and what the
phones show. Every failed check names its promise.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from app.domain.entities import MODELS
from app.domain.merge import Head
from app.domain.metrics import count_cells as recount
from sync_server.records.campaigns import campaign
from sync_server.summary.cells import count_cells
from tests.simulation.found import Found
from tests.simulation.oracle import Edit, Oracle, SavedVisit
from tests.simulation.people import ROSTER_FIELD
from tests.simulation.replay import check_replay
from tests.simulation.server import TOWN, VILLAGES, Server
from tests.simulation.tally import Broken, Tally

_CAMPAIGN = "lishui-2022"
_OWN_LIST = ("person", "visit", "need")
# Under what has befallen the world a refusal is right although no worker wrote anything wrong.
_EXCUSES = {
    "future_time": {"wrong clock"},
    "outside_scope": {"move", "account moved", "sign-in unanswered"},
    "unknown_person": {"server restored"},
    "unknown_record": {"server restored"},
    "unknown_actor": {"server restored", "taken off a phone of two lives"},
    "revoked": {"revoked"},
}


def check_world(found: Found, server: Server, oracle: Oracle, tally: Tally) -> None:
    """Raise Broken for the first promise that the server does not keep; `tally` gets the figures first."""
    _count(found, tally)
    faults = [*_lost_visits(found, oracle), *_lost_edits(found, oracle), *_lost_newcomers(found, oracle)]
    doubled = _doubled(found, oracle)
    tally.lost += len(faults)
    tally.duplicated += len(doubled)
    if faults or doubled:
        raise Broken((faults + doubled)[0])
    check_replay(found, is_one_life="server restored" not in oracle.events)
    _check_receipts(found, oracle)
    _check_refusals(found, oracle)
    _check_edits(found, oracle)
    _check_figures(found, server)
    if tally.healed:
        raise Broken(f"P5 the digests differed, and {tally.healed} records had to be pulled again")


def _count(found: Found, tally: Tally) -> None:
    refused = [row for row in found.log if row.status == "quarantined"]
    tally.changes += len(found.log)
    tally.quarantined += len(refused)
    fates = Counter(entry.status for entry in found.refused.values())
    tally.released += fates["released"]
    tally.replaced += fates["replaced"]
    tally.refusals.update(row.code for row in refused)
    tally.conflicts += sum(1 for row in found.log if row.status == "accepted_with_conflict")


def _lost_visits(found: Found, oracle: Oracle) -> list[str]:
    return [
        fault
        for saved in oracle.visits.values()
        for fault in [_visit_fault(found, saved, oracle)]
        if fault is not None
    ]


def _visit_fault(found: Found, saved: SavedVisit, oracle: Oracle) -> str | None:
    visit = saved.visit
    logged = found.about.get(visit, [])
    head = found.head(visit)
    if not logged:
        return f"P1 visit {visit} was told saved and never came" if saved.is_sure else None
    makers = {row.actor for row in logged if row.kind == "create"}
    if saved.is_sure and not makers:
        return f"P1 visit {visit} was told saved, and only what came after it is there"
    if saved.is_sure and makers != {found.ids[saved.who]}:
        return f"P11 visit {visit} of {saved.who} came in another's name"
    if head is None:
        is_kept = all(not found.is_taken(row) for row in logged)
        return None if is_kept else f"P3 visit {visit} was accepted and is not there"
    words = found.rows_that_say(visit, "note", saved.said.note)
    if not words and saved.is_sure and not saved.are_words_unsure:
        return f"P10 the last words on visit {visit} never came"
    if any(map(found.is_taken, words)) and not saved.are_words_unsure:
        fault = _words_fault(found, head, saved, oracle)
        if fault is not None:
            return fault
    voids = [row for row in logged if row.kind == "void"]
    if saved.is_undone and not saved.is_undo_unsure and not voids:
        return f"P10 the undo of visit {visit} never came"
    if any(map(found.is_taken, voids)) and not head.is_voided:
        return f"P4 visit {visit} was taken back and stands"
    if head.is_voided and not saved.is_undone:
        return f"P2 visit {visit} was never taken back and is void"
    needs = [
        rows for rows in found.about.values() if rows[0].entity == "need" and _visit_of(found, rows) == visit
    ]
    if len(needs) != saved.needs:
        return f"P1 of {saved.needs} needs of visit {visit} {len(needs)} came"
    return None


def _words_fault(found: Found, head: Head, saved: SavedVisit, oracle: Oracle) -> str | None:
    """The last words: kept, and shown, but for a word of an earlier amendment that was refused."""
    said = {"note": saved.said.note, "cash_fen": saved.said.cash_fen, "result": saved.said.result}
    if saved.is_shared:  # of two phones that amend it unseen, each says only what it changes
        del said["cash_fen"], said["result"]
    # A stamp is corrected by the clock's error when it is sent, not when it was made.
    is_order_known = not (saved.is_shared or {"wrong clock", "new device"} <= oracle.events)
    for name, value in said.items():
        says = found.rows_that_say(saved.visit, name, value) or found.rows_that_say(saved.visit, name, None)
        if not all(map(found.is_taken, says)):
            continue
        held = head.values.get(name) or type(value)()
        if is_order_known and held != value:
            return f"P4 {name} of visit {saved.visit} is {held} and was told {value}"
        if value not in {c.value or type(value)() for c in head.candidates(name)} | {held}:
            return f"P4 {name} of visit {saved.visit} was told {value}, which is gone"
    return None


def _visit_of(found: Found, rows: Sequence[Row[Any]]) -> Any:
    return next((f["visit"] for f in found.said[rows[0].record].values() if "visit" in f), None)


def _lost_edits(found: Found, oracle: Oracle) -> list[str]:
    faults = []
    for edit in oracle.edits:
        said = found.rows_that_say(edit.record, edit.field, edit.value)
        if edit.is_sure and not said:
            faults.append(
                f"P10 the edit of {edit.field} of {edit.record} to {edit.value} by {edit.by} never came"
            )
        elif edit.who and edit.is_sure and said and found.ids[edit.who] not in {row.actor for row in said}:
            faults.append(
                f"P11 the edit of {edit.field} of {edit.record} by {edit.who} came in another's name"
            )
    return faults


def _lost_newcomers(found: Found, oracle: Oracle) -> list[str]:
    return [
        f"P1 newcomer {person} was told saved and never came"
        for person, is_sure in oracle.newcomers.items()
        if is_sure and person not in found.about
    ]


def _doubled(found: Found, oracle: Oracle) -> list[str]:
    faults = [
        f"P2 visit {record} is there and nobody saved it"
        for record, row in found.held.items()
        if row.entity == "visit" and record not in oracle.visits
    ]
    # A number may be given anew, and then a record is created twice with the same words.
    if not oracle.events & {"new device", "phone restored", "phone cloned", "server restored"}:
        creates = Counter(row.record for row in found.log if found.is_taken(row) and row.kind == "create")
        mended = {row.record for row in found.log if row.status == "quarantined"}
        faults += [
            f"P2 record {record} was created {times} times"
            for record, times in creates.items()
            if times > 1 and record not in mended
        ]
    return faults


def _check_receipts(found: Found, oracle: Oracle) -> None:
    """P3: what a receipt said is so, and stays so."""
    logged = {(row.device, row.seq): row for row in found.log}
    for (device, seq), receipt in oracle.receipts.items():
        row = logged.get((device, seq))
        if row is None or (row.status, row.version, row.ref) != (
            receipt.status,
            receipt.version,
            receipt.ref,
        ):
            raise Broken(f"P3 {device} {seq} was told {receipt.status} and is not in the log like this")


def _check_refusals(found: Found, oracle: Oracle) -> None:
    """P6: nothing is refused but what is wrong, and nothing waits for a record that is here."""
    waiting = {row.record for row in found.log if not found.is_taken(row)}
    for row in found.log:
        entry = found.refused.get((row.device, row.seq))
        if entry is None or entry.status != "waiting":
            continue
        if entry.awaits is not None and entry.awaits in found.held:
            raise Broken(f"P6 {row.entity} {row.record} waits for {entry.awaits}, which is here")
        fields = json.loads(row.fields)
        is_excused = (
            (entry.code == "over_limit" and fields.get("cash_fen", 0) > 0)
            or bool(_EXCUSES.get(entry.code, set()) & oracle.events)
            or (entry.awaits is not None and entry.awaits in waiting)
        )
        if not is_excused:
            raise Broken(f"P6 {row.entity} {row.record} ({row.device} {row.seq}) was refused: {entry.code}")


def _check_edits(found: Found, oracle: Oracle) -> None:
    """P4: of every field the values that no later edit has seen, all of them and no others."""

    def is_refused(edit: Edit) -> bool:
        rows = found.rows_that_say(edit.record, edit.field, edit.value)
        return not any(map(found.is_taken, rows))

    def is_in_doubt(edit: Edit) -> bool:
        rows = found.rows_that_say(edit.record, edit.field, edit.value)
        return not all(map(found.is_taken, rows))

    for record, name in oracle.fields():
        must, may = oracle.standing(record, name, is_refused=is_refused, is_in_doubt=is_in_doubt)
        head = found.head(record)
        stand = {c.value for c in head.candidates(name)} if head is not None else set()
        # Nobody offers a restored server the roster again; its file is imported anew, or not.
        is_rosters = name == ROSTER_FIELD and "server restored" in oracle.events
        if not must <= stand and not is_rosters:
            raise Broken(f"P4 {name} of {record}: {sorted(must - stand)} is gone, there is {sorted(stand)}")
        # Numbers given anew hide that their author had seen his own earlier words.
        is_renumbered = oracle.events & {"new device", "phone restored", "phone cloned", "server restored"}
        if not stand <= may and not is_renumbered:
            raise Broken(f"P4 {name} of {record}: {sorted(stand - may)} was settled and stands again")


def _check_figures(found: Found, server: Server) -> None:
    """P8: every cell of the table is a naive recount of the records."""
    read: dict[str, list[Any]] = {entity: [] for entity in MODELS}
    for record, row in found.held.items():
        if row.entity in read:
            read[row.entity].append(MODELS[row.entity].read(record, json.loads(row.row)["values"]))
    others = [fact for entity, facts in read.items() if entity not in _OWN_LIST for fact in facts]
    with server.looking() as connection:
        plan = campaign(connection, _CAMPAIGN)
        table = count_cells(connection, plan, TOWN)
    for row in table.rows:
        if row.org not in (TOWN, *VILLAGES):
            continue
        naive = recount(
            plan,
            read["person"],
            read["visit"],
            read["need"],
            others,
            within=lambda person, org=row.org: person.village.startswith(org),
            station_within=lambda station, org=row.org: station.startswith(org),
        )
        if naive != row.cells:
            wrong = {c: (row.cells[c], naive[c]) for c in naive if naive[c] != row.cells[c]}
            raise Broken(f"P8 the table of {row.org} says (table, recount) {wrong}")
