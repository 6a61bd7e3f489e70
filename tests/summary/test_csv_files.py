"""The exported files say enough to recount the table, and nothing that names a person."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from app.domain.errors import BadInput
from sync_server.db.engine import reading
from sync_server.summary.cells import count_cells
from sync_server.summary.csv_files import COLUMNS_FILE, ENCODING, FILES, write_csv_files
from sync_server.summary.places import place
from tests.postgres import Database
from tests.summary.city import campaign, invent, tree

DOCS = Path(__file__).parents[2] / "docs" / "EXPORT.md"


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding=ENCODING, newline="") as stream:
        return list(csv.DictReader(stream))


def counted_people(out: Path) -> dict[str, dict[str, str]]:
    """Record -> the line that counts for it, as docs/EXPORT.md tells it."""
    people = {p["record"]: p for p in lines_of(out / "people.csv") if p["listing"] != "voided"}
    return {record: people[_stands_for(people, record)] for record in people}


def _stands_for(people: dict[str, dict[str, str]], record: str) -> str:
    seen = [record]
    while people[seen[-1]]["listing"] == "second":
        first = people[seen[-1]]["duplicate_of"]
        if first not in people:
            break
        if first in seen:
            return min(seen[seen.index(first) :])
        seen.append(first)
    return seen[-1]


FOUND = (
    "B1",
    "B2",
    "F2",
    "F3",
    "F4a",
    "F4b",
    "G3a",
    "G3b",
    "H1a",
    "H1b",
    "H2",
    "H3a",
    "H3b",
    "J1",
    "J3",
    "J4",
)
NOT_KEY = {"VETERAN", "ACTIVE_FAMILY"}


def found_in(out: Path, people: dict[str, dict[str, str]], dead: set[str]) -> dict[str, float]:
    """What steps and findings count for, by the words of docs/EXPORT.md alone."""
    steps = [s for s in lines_of(out / "need_steps.csv") if s["voided"] == "0"]
    steps.sort(key=lambda s: (int(s["effective"]), s["device"], int(s["seq"])))
    state = {s["need"]: s["state"] for s in steps}
    needs = {
        n["record"]: people[n["person"]]["identity"]
        for n in lines_of(out / "needs.csv")
        if n["voided"] == "0" and n["person"] in people and n["state"] != "NOT_CONFIRMED"
    }
    now = {n["record"]: n["state"] for n in lines_of(out / "needs.csv")}
    assert all(now[need] == state.get(need, now[need]) for need in needs)
    closed = sum(now[need] in ("CLOSED", "FOLLOWED_UP") for need in needs)
    aid = [s for s in steps if s["need"] in needs and _is_aid(s)]
    found = [f for f in lines_of(out / "findings.csv") if f["voided"] == "0"]
    found = [f for f in found if f["person"] in people or not f["person"]]
    key = {p["identity"] for p in people.values() if set(p["categories"].split()) - NOT_KEY}

    def number(entity: str, *says: str) -> int:
        return sum(f["entity"] == entity and f["says"] in says for f in found)

    def persons(entity: str, says: str | None = None) -> set[str]:
        mine = [f for f in found if f["entity"] == entity and f["says"] == (says or f["says"])]
        return {people[f["person"]]["identity"] for f in mine}

    done = {
        people[f["person"]]["identity"]
        for f in found
        if f["entity"] == "confirmation" and f["says"] != "PUT_OFF"
    } & key
    symposia = [f for f in found if f["entity"] == "activity" and f["says"] == "SYMPOSIUM"]
    return {
        "B1": len(symposia),
        "B2": sum(int(f["number"]) for f in symposia),
        "F2": closed,
        "F3": len(needs) - closed,
        "F4a": len({needs[s["need"]] for s in aid}),
        "F4b": sum(int(s["money_fen"]) for s in aid) / 100,
        "G3a": number("opinion", "POLICY", "WORK", "WORKER", "OTHER"),
        "G3b": number("opinion", "WORKER"),
        "H1a": len((key - dead) | done),
        "H1b": len(done),
        "H2": len(persons("file_step", "FILED")),
        "H3a": len(persons("card_step", "APPLIED")),
        "H3b": len(persons("card_step", "ISSUED")),
        "J1": len(persons("exemplary")),
        "J3": number("photo", "SCENE", "PUBLICITY"),
        "J4": number("photo", "VIDEO"),
    }


def _is_aid(step: dict[str, str]) -> bool:
    given = set(step["assistance"].split())
    return bool(given - {"CASH", "GOODS"}) or (not given and int(step["money_fen"]) > 0)


@pytest.mark.parametrize("seed", range(3))
def test_anyone_can_recount_the_table_from_the_files_alone(
    seed: int, tmp_path: Path, database: Database
) -> None:
    city = invent(random.Random(seed), people=120, visits=260, needs=30, paths=tree())
    engine = city.stored(database.fresh(tmp_path))
    with reading(engine) as connection:
        write_csv_files(connection, campaign(), place(connection, "3311"), tmp_path / "out")
        cells = count_cells(connection, campaign(), "3311").total.cells
    out = tmp_path / "out"
    people = counted_people(out)
    visits = [v for v in lines_of(out / "visits.csv") if v["voided"] == "0" and v["person"] in people]
    needs = [n for n in lines_of(out / "needs.csv") if n["voided"] == "0" and n["person"] in people]
    dead = {people[v["person"]]["identity"] for v in visits if v["result"] == "DECEASED"}
    visits = [v for v in visits if v["campaign"] == campaign().code]
    contacts = [v for v in visits if v["contact"] == "1"]
    dead |= {p["identity"] for p in people.values() if p["deceased"] == "1"}
    aged = {p["identity"] for p in people.values() if p["age"] and int(p["age"]) >= 80}
    names = ("A2", "C1", "C3", "C4", "D4a", "E1", "F1", *FOUND)
    assert {
        **found_in(out, people, dead),
        "A2": len({p["identity"] for p in people.values()} - dead),
        "C1": len({people[v["person"]]["identity"] for v in contacts}),
        "C3": len(contacts),
        "C4": len({people[v["person"]]["household"] for v in contacts if v["method"] == "HOME"}),
        "D4a": len(aged - dead),
        "E1": sum(int(v["cash_fen"]) for v in visits) / 100,
        "F1": sum(n["state"] != "NOT_CONFIRMED" for n in needs),
    } == {name: cells[name] for name in names}


def test_a_township_file_holds_its_own_people_only(tmp_path: Path, database: Database) -> None:
    city = invent(random.Random(1), people=80, visits=90, needs=9, paths=tree())
    engine = city.stored(database.fresh(tmp_path))
    with reading(engine) as connection:
        write_csv_files(connection, campaign(), place(connection, "331121201"), tmp_path / "out")
    own = {p.id for p in city.people if p.village.startswith("331121201")}
    assert {p["record"] for p in lines_of(tmp_path / "out" / "people.csv")} == own
    assert {v["person"] for v in lines_of(tmp_path / "out" / "visits.csv")} <= own
    assert [o["code"] for o in lines_of(tmp_path / "out" / "organisations.csv")] == [
        "331121201",
        "331121201201",
        "331121201202",
    ]


def test_no_file_of_a_town_tells_of_an_opinion_about_a_worker_and_the_countys_tells_all(
    tmp_path: Path, database: Database
) -> None:
    city = invent(random.Random(1), people=80, visits=0, needs=0, paths=tree())
    engine = city.stored(database.fresh(tmp_path))
    told = {}
    with reading(engine) as connection:
        for code in ("331121201", "331121"):
            write_csv_files(connection, campaign(), place(connection, code), tmp_path / "out")
            heard = [f for f in lines_of(tmp_path / "out" / "findings.csv") if f["entity"] == "opinion"]
            told[code] = sorted(f["record"] for f in heard if f["says"] == "WORKER")
    here = [f for f in city.facts if f.entity == "opinion" and f.model_dump()["campaign"] == campaign().code]
    of_county = [
        f.id
        for f in here
        if f.model_dump()["target"] == "WORKER" and f.model_dump()["organisation"].startswith("331121")
    ]
    assert told == {"331121201": [], "331121": sorted(of_county)}
    assert of_county


def test_no_file_names_a_person(tmp_path: Path, database: Database) -> None:
    city = invent(random.Random(2), people=60, visits=60, needs=9, paths=tree())
    engine = city.stored(database.fresh(tmp_path))
    with reading(engine) as connection:
        write_csv_files(connection, campaign(), place(connection, "3311"), tmp_path / "out")
    text = "".join(f.read_text(encoding=ENCODING) for f in (tmp_path / "out").iterdir())
    assert [p.name for p in city.people if p.name in text] == []
    assert [p.id_number for p in city.people if p.id_number and p.id_number in text] == []


def test_every_column_is_explained_beside_the_data_and_in_the_docs(
    tmp_path: Path, database: Database
) -> None:
    engine = invent(random.Random(3), people=5, visits=5, needs=5, paths=tree()).stored(
        database.fresh(tmp_path)
    )
    with reading(engine) as connection:
        write_csv_files(connection, campaign(), place(connection, "3311"), tmp_path / "out")
    said = {(row["file"], row["column"]): row["meaning"] for row in lines_of(tmp_path / "out" / COLUMNS_FILE)}
    docs = DOCS.read_text(encoding="utf-8")
    for file in FILES:
        with (tmp_path / "out" / file.name).open(encoding=ENCODING, newline="") as stream:
            assert next(csv.reader(stream)) == list(file.columns)
        for column, meaning in file.columns.items():
            assert said[file.name, column] == meaning
            assert f"| `{column}` | {meaning} |" in docs
        assert f"## {file.name}\n\n{file.meaning}" in docs


def test_exporting_twice_replaces_the_files_and_leaves_others(tmp_path: Path, database: Database) -> None:
    engine = invent(random.Random(4), people=5, visits=5, needs=5, paths=tree()).stored(
        database.fresh(tmp_path)
    )
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("x", encoding="utf-8")
    with reading(engine) as connection:
        first = write_csv_files(connection, campaign(), place(connection, "3311"), out)
        assert write_csv_files(connection, campaign(), place(connection, "3311"), out) == first
    assert {f.name for f in out.iterdir()} == {*(f.name for f in FILES), COLUMNS_FILE, "mine.txt"}


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path, database: Database) -> None:
    engine = invent(random.Random(5), people=1, visits=0, needs=0, paths=tree()).stored(
        database.fresh(tmp_path)
    )
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with reading(engine) as connection, pytest.raises(BadInput, match="写不了文件夹"):
        write_csv_files(connection, campaign(), place(connection, "3311"), tmp_path / "file" / "out")


def test_text_that_a_spreadsheet_would_run_is_written_as_text(tmp_path: Path, database: Database) -> None:
    city = invent(random.Random(6), people=1, visits=1, needs=0, paths=tree())
    city.people = [city.people[0].model_copy(update={"voided": False})]
    visit = city.visits[0].model_copy(
        update={"performer": '=HYPERLINK("x")', "person": city.people[0].id, "campaign": campaign().code}
    )
    city.visits = [visit]
    engine = city.stored(database.fresh(tmp_path))
    with reading(engine) as connection:
        write_csv_files(connection, campaign(), place(connection, "3311"), tmp_path / "out")
    assert [v["performer"] for v in lines_of(tmp_path / "out" / "visits.csv")] == ['\'=HYPERLINK("x")']
