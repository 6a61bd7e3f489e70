"""A roster's row as the fields of a Person: what it says, in our codes, and nothing it does not say.

A blank cell says nothing, so it is no field. Words that name no code of ours stay readable in the
note, since a worker can still make something of them.
"""

from __future__ import annotations

from app.domain.change import Fields
from app.domain.codes import AwayStatus, Employment, LabelledCode, LivingTag, Merit
from sync_server.roster.model import RosterRow

# What a clean row takes back when an earlier one had it.
ALWAYS_SAID = ("id_problem", "duplicate_of")
_NOTHING = frozenset({"无", "否", "/", "-", "—", "没有", "不详"})
_EMPLOYMENT_WORDS = {
    "务工": Employment.EMPLOYED,
    "打工": Employment.EMPLOYED,
    "在职": Employment.EMPLOYED,
    "待业": Employment.UNEMPLOYED,
    "无业": Employment.UNEMPLOYED,
    "个体": Employment.BUSINESS,
    "经商": Employment.BUSINESS,
    "农民": Employment.FARMING,
    "种地": Employment.FARMING,
}


def person_fields(row: RosterRow, *, township: str, first_listing: str | None, is_deceased: bool) -> Fields:
    """The fields that `row` says of its person; sets are spelt by element (change.py).

    A row whose village could not be told belongs to the township itself until a worker says which.
    `first_listing` is the record of the row that this one repeats.
    """
    notes = [text for text in (row.name_note, row.note) if text]
    said: Fields = {
        "name": row.name,
        "village": row.village or township,
        "id_number": row.id,
        "id_problem": row.id_problem.value if row.id_problem else None,
        "duplicate_of": first_listing,
        "sex": row.sex.value if row.sex else None,
        "born": row.born,
        "hamlet": row.hamlet,
        "house": row.house,
        "address": row.address,
        "enlisted": row.enlisted,
        "discharged": row.discharged,
        "away": {True: AwayStatus.AWAY.value, False: AwayStatus.HOME.value}.get(row.away or False)
        if row.away is not None
        else None,
        "away_place": row.away_place,
        "merit": _one(row.merit, Merit, notes),
        "employment": _employment(row.employment, notes),
        "deceased": True if is_deceased else None,
    }
    said.update((f"categories/{category.value}", True) for category in row.categories)
    said.update((f"living/{tag.value}", True) for tag in _all(row.living, LivingTag, notes))
    said.update((f"phones/{phone.number}", phone.relation) for phone in row.phones)
    if row.card and row.card not in _NOTHING:
        notes.append(f"优待证：{row.card}")
    if row.village is None and row.village_as_written:
        notes.append(f"名册写的村：{row.village_as_written}")
    if row.id is None and row.id_as_written:
        notes.append(f"名册写的号码：{row.id_as_written}")
    said["note"] = "；".join(dict.fromkeys(notes))
    return {name: value for name, value in said.items() if value not in (None, "")}


def _employment(text: str, notes: list[str]) -> str | None:
    word = next((code for written, code in _EMPLOYMENT_WORDS.items() if written in text), None)
    return word.value if word else _one(text, Employment, notes)


def _one(text: str, codes: type[LabelledCode], notes: list[str]) -> str | None:
    """The first code, by rank of definition, whose label the text holds."""
    found = _all(text, codes, notes)
    return found[0].value if found else None


def _all(text: str, codes: type[LabelledCode], notes: list[str]) -> list[LabelledCode]:
    """Codes whose label the text holds, without those inside a longer label (低保 in 低保边缘)."""
    rest = text
    found = []
    for code in sorted(codes, key=lambda c: -len(c.label)):
        if any(word in rest for word in code.label.split("/")):
            found.append(code)
            for word in code.label.split("/"):
                rest = rest.replace(word, "|")
    if text and not found and text not in _NOTHING:
        notes.append(text)
    return sorted(found, key=list(codes).index)
