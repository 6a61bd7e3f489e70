"""A roster's row as the fields of a Person: what it says, in our codes, and nothing it does not say.

A blank cell says nothing, so it is no field. Words that name no code of ours stay readable in the
note, since a worker can still make something of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.change import Fields
from app.domain.citizen_id import IdProblem
from app.domain.codes import AwayStatus
from sync_server.roster.model import RosterRow
from sync_server.roster.terms import employment, highest_merit, honours, living_tags

# What a clean row takes back when an earlier one had it.
ALWAYS_SAID = ("id_problem", "duplicate_of")
NAMELESS = "未写姓名"  # one with a number and no name can be told apart; the worker fills it in
_NO_NUMBER = (IdProblem.DIGITS_LOST.value, IdProblem.MISSING.value)
_NOTHING = frozenset({"无", "否", "/", "-", "—", "没有", "不详"})


def person_fields(row: RosterRow, *, township: str, is_deceased: bool, has_number: bool = False) -> Fields:
    """The fields that `row` says of its person; sets are spelt by element (change.py).

    A household's number is one within its village. A row whose village could not be told belongs to
    the township itself until a worker says which. `has_number`: his number is known already, so a
    ruined one is not kept in the note. `duplicate_of` is not among the fields: it names a record, and
    only the store knows records.
    """
    tags, merit, work = living_tags(row.living), highest_merit(row.merit), employment(row.employment)
    said: Fields = {
        "name": row.name or NAMELESS,
        "village": row.village or township,
        "id_number": row.id,
        "id_problem": row.id_problem.value if row.id_problem else None,
        "sex": row.sex.value if row.sex else None,
        "born": row.born,
        "hamlet": row.hamlet,
        "house": row.house,
        "household": f"{row.village or township}-{row.household}" if row.household else None,
        "address": row.address,
        "enlisted": row.enlisted,
        "discharged": row.discharged,
        "away": None if row.away is None else (AwayStatus.AWAY if row.away else AwayStatus.HOME).value,
        "away_place": row.away_place,
        "merit": merit.value if merit else None,
        "employment": work.value if work else None,
        "deceased": True if is_deceased else None,
        "note": "；".join(dict.fromkeys(_remarks(row, has_number=has_number or row.id is not None))),
    }
    said.update((f"categories/{category.value}", True) for category in row.categories)
    said.update((f"living/{tag.value}", True) for tag in tags)
    said.update((f"honours/{honour.value}", True) for honour in honours(row.merit))
    said.update((f"phones/{phone.number}", phone.relation) for phone in row.phones)
    return {name: value for name, value in said.items() if value not in (None, "")}


def keep_number(now: Fields, before: Fields, known: Mapping[str, Any]) -> Fields:
    """`now` of a row whose number is blank or ruined, for somebody whose number is `known`: it says nothing.

    What rosters `before` found wrong with a number that is there stays; that one was missing does not.
    """
    said = {name: value for name, value in now.items() if name != "id_problem"}
    flaw = before.get("id_problem")
    is_mended = flaw in _NO_NUMBER and known.get("id_problem")
    if flaw is not None and not is_mended:
        said["id_problem"] = flaw
    return said


def difference(before: Fields, now: Fields) -> Fields:
    """What a Change must write: what is said anew, and what a row that speaks of it leaves out.

    A blank cell says nothing and takes nothing back, except what only a flaw had put there, and the
    place away of one who is at home.
    """
    overtaken = ("away_place",) if now.get("away") == AwayStatus.HOME.value else ()
    spoken = {name.partition("/")[0] for name in now}
    gone = [
        name
        for name in before
        if name not in now
        and (name in (*ALWAYS_SAID, *overtaken) or ("/" in name and name.partition("/")[0] in spoken))
    ]
    said = {name: value for name, value in now.items() if before.get(name) != value}
    return said | dict.fromkeys(gone)


def _remarks(row: RosterRow, *, has_number: bool) -> list[str]:
    """What has no field of its own, with a word in front where the column's title is needed to read it."""
    merit_is_told = highest_merit(row.merit) is not None or honours(row.merit)
    labelled = (
        ("", row.name_note),
        ("", row.note),
        ("", "" if merit_is_told else row.merit),
        ("", "" if employment(row.employment) else row.employment),
        ("", "" if living_tags(row.living) else row.living),
        ("残疾等级", row.disability),
        ("优待证", row.card),
        ("名册写的电话", row.phones_unread),
        ("名册写的村", "" if row.village else row.village_as_written),
        ("名册写的号码", "" if has_number else row.id_as_written),
    )
    return [
        f"{label}：{words}" if label else words
        for label, words in labelled
        if words and words not in _NOTHING
    ]
