"""A fact row says what its own record says, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from sync_server.db.engine import kept, open_engine, writing
from sync_server.db.tables import need_facts, person_facts, visit_facts
from sync_server.summary.facts import ProjectedHead, project
from tests.postgres import Database

VILLAGE = "3311/331121/331121209/331121209200"
NUMBER = "11010519491231002X"


@pytest.fixture
def engine(tmp_path: Path, database: Database) -> Engine:
    return open_engine(database.fresh(tmp_path))


def head(
    entity: str, record: str, feed_no: int = 1, *, voided: bool = False, **values: object
) -> ProjectedHead:
    return ProjectedHead("331121", entity, record, VILLAGE, None, feed_no, values, voided)


def person(record: str, feed_no: int = 1, *, voided: bool = False, **values: object) -> ProjectedHead:
    return head("person", record, feed_no, voided=voided, name="张三", **values)


def rows_of(engine: Engine, table: object, *columns: str) -> list[tuple]:
    with engine.connect() as connection:
        query = select(*(table.c[c] for c in columns)).order_by(table.c.record)
        return [tuple(row) for row in connection.execute(query)]


def put(engine: Engine, *heads: ProjectedHead, key: str | None = None) -> None:
    with writing(engine) as connection:
        project(connection, heads, identity_key=key or kept(connection, "identity_key"))


def test_a_person_row_holds_tags_class_and_listing_but_no_number(engine: Engine) -> None:
    values = {
        "id_number": NUMBER,
        "born": "1949-12-31",
        "away": "OUT_OF_CITY",
        "merit": "SECOND",
        "categories/MARTYR_SURVIVOR": True,
        "categories/VETERAN": None,
        "living/DIBAO": True,
        "phones/13900000000": "本人",
    }
    put(engine, person("p", **values))
    columns = ("path", "primary_class", "born", "is_away", "is_deceased", "is_counted", "tags")
    tags = " category:MARTYR_SURVIVOR living:DIBAO merit:SECOND "
    assert rows_of(engine, person_facts, *columns) == [
        (VILLAGE, "SURVIVOR", "1949-12-31", True, False, True, tags)
    ]
    with engine.connect() as connection:
        everything = [tuple(row) for row in connection.execute(select(person_facts))]
    assert NUMBER not in repr(everything)


def test_one_number_in_any_form_gives_one_identity_that_the_key_decides(engine: Engine) -> None:
    put(engine, person("a", id_number=NUMBER), person("b", id_number="１10105491231002"), person("c"))
    one, same, alone = (row[0] for row in rows_of(engine, person_facts, "identity"))
    assert (one == same, len(one), alone) == (True, 64, "c")
    put(engine, person("a", id_number=NUMBER), key="another")
    assert rows_of(engine, person_facts, "identity")[0][0] != one


@pytest.mark.parametrize(
    ("given", "is_counted", "tags"),
    [
        pytest.param(person("p"), True, " ", id="first"),
        pytest.param(person("p", duplicate_of="q"), False, " of:q ", id="second"),
        pytest.param(person("p", voided=True), False, " ", id="voided"),
        pytest.param(person("p", voided=True, duplicate_of="q"), False, " ", id="voided second"),
    ],
)
def test_a_second_and_a_voided_listing_are_told_apart(
    engine: Engine, given: ProjectedHead, is_counted: bool, tags: str
) -> None:
    put(engine, given)
    assert rows_of(engine, person_facts, "is_counted", "tags") == [(is_counted, tags)]


def test_a_visit_stands_on_its_local_day_whatever_zone_it_was_written_in(engine: Engine) -> None:
    said = {"campaign": "c", "person": "p", "organisation": "o", "performer": "w", "method": "HOME"}
    said |= {"result": "MET_SELF", "saved_at": "2022-07-31T18:00:00Z", "checklist/LAW_DELIVERY": True}
    put(
        engine,
        head("visit", "late", at="2022-07-31T18:00:00Z", **said),
        head("visit", "noon", at="2022-07-31T12:00:00+08:00", voided=True, **said),
    )
    assert rows_of(engine, visit_facts, "record", "day", "checklist", "is_voided") == [
        ("late", "2022-08-01", " LAW_DELIVERY ", False),
        ("noon", "2022-07-31", " LAW_DELIVERY ", True),
    ]


def test_of_several_heads_of_a_record_the_last_counts(engine: Engine) -> None:
    said = {"campaign": "c", "person": "p", "organisation": "o", "type": "HOUSING", "severity": "2"}
    said["found_at"] = "2022-07-31T12:00:00+08:00"
    put(engine, head("need", "n", 1, **said), head("need", "n", 2, state="CLOSED", **said))
    put(engine, head("need", "n", 3, state="FOLLOWED_UP", **said))
    assert rows_of(engine, need_facts, "record", "state", "feed_no") == [("n", "FOLLOWED_UP", 3)]


def test_what_no_table_counts_is_passed_over(engine: Engine) -> None:
    put(engine, head("outcome", "o", words="好"))
    assert rows_of(engine, person_facts, "record") == []
