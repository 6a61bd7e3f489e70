"""Storing rosters: all or nothing, once, by field, and never over what a worker wrote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from app.domain.categories import BenefitCategory
from app.domain.citizen_id import IdProblem
from app.domain.errors import BadInput
from app.domain.models import Person
from app.domain.wire import decode_answer
from sync_server.assets import divisions
from sync_server.db import tables
from sync_server.roster import Deceased, Roster, RosterRow, RowRef, read_roster
from sync_server.roster import Phone as RosterPhone
from sync_server.roster.store import ImportReport, import_roster
from tests.fakes import NOON, seeded_entropy
from tests.server.phones import Phone

TOWN_A = Path(__file__).parents[1] / "fixtures" / "roster-town-a.xlsx"
ID_LI, ID_WANG, ID_ZHAO = "332522195001010014", "332522195102020021", "332522195203030033"
Everything = Callable[[], dict[str, list[Any]]]


def row(number: int, name: str, **more: Any) -> RosterRow:
    """A row of an invented person in village 331121209200."""
    return RosterRow(**{"sheet": "名册", "row": number, "name": name, "village": "331121209200", **more})


def roster(*rows: RosterRow, deceased: tuple[Deceased, ...] = ()) -> Roster:
    return Roster("331121209", "331121", rows, deceased)


def people(engine: Engine) -> dict[str, dict[str, Any]]:
    """Values by name of everybody on the server, without what is always there."""
    with engine.connect() as connection:
        rows = connection.execute(select(tables.heads.c.row).order_by(tables.heads.c.record)).scalars()
        body = "".join(f'{{"row":{text}}}\n' for text in rows)
    count = body.count("\n")
    end = f'{{"end":{{"receipts":0,"rows":{count},"cursor":"","more":false,"epoch":"","have":0,"time":0}}}}\n'
    found = decode_answer((body + end).encode()).rows
    return {
        h.values["name"]: {k: v for k, v in h.values.items() if k not in ("name", "village")} for h in found
    }


def load(engine: Engine, *rows: RosterRow, deceased: tuple[Deceased, ...] = ()) -> ImportReport:
    return import_roster(engine, roster(*rows, deceased=deceased), NOON)


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.new, report.changed, report.unchanged


def test_a_row_becomes_a_person_with_what_it_says_and_no_more(engine: Engine) -> None:
    report = load(
        engine,
        row(
            5,
            "李四",
            id=ID_LI,
            born="1950-01-01",
            hamlet="上村",
            house="12号",
            categories=(BenefitCategory.VETERAN, BenefitCategory.RURAL_SOLDIER_60),
            away=True,
            away_place="杭州",
            phones=(RosterPhone("13900000000"), RosterPhone("13900000001", "女儿")),
            employment="务工",
            living="低保边缘户、独居",
            merit="二等功",
            note="腿脚不便",
        ),
    )
    assert counts(report) == (1, 0, 0)
    assert people(engine) == {
        "李四": {
            "id_number": ID_LI,
            "born": "1950-01-01",
            "hamlet": "上村",
            "house": "12号",
            "away": "AWAY",
            "away_place": "杭州",
            "merit": "SECOND",
            "employment": "EMPLOYED",
            "categories/VETERAN": True,
            "categories/RURAL_SOLDIER_60": True,
            "living/DIBAO_MARGINAL": True,
            "living/LIVING_ALONE": True,
            "phones/13900000000": "本人",
            "phones/13900000001": "女儿",
            "note": "腿脚不便",
        }
    }


def test_the_same_roster_again_changes_nothing(engine: Engine, everything: Everything) -> None:
    read = read_roster(TOWN_A, divisions())
    first = import_roster(engine, read, NOON)
    after = everything()
    second = import_roster(engine, read_roster(TOWN_A, divisions()), NOON + 1000)
    assert (counts(first), counts(second)) == ((436, 0, 0), (0, 0, 436))
    assert everything() == after


def test_the_untidy_town_is_stored_with_its_problems_flagged(engine: Engine) -> None:
    report = import_roster(engine, read_roster(TOWN_A, divisions()), NOON)
    assert {kind: len(refs) for kind, refs in report.problems.items()} == {
        "missing_id": 14,
        "checksum": 10,
        "digits_lost": 8,
        "duplicate_of": 6,
    }
    assert (report.deceased, report.unplaced_deceased) == (3, ())
    with engine.connect() as connection:
        facts = connection.execute(
            select(tables.person_facts.c.is_counted, tables.person_facts.c.is_deceased)
        ).all()
    assert (len(facts), sum(f.is_counted for f in facts), sum(f.is_deceased for f in facts)) == (436, 430, 3)


def test_a_second_roster_updates_by_field(engine: Engine) -> None:
    load(engine, row(5, "李四", id=ID_LI, hamlet="上村", house="1号"), row(6, "王五", id=ID_WANG))
    report = load(engine, row(9, "李四", id=ID_LI, hamlet="下村"), row(8, "王五", id=ID_WANG))
    assert (counts(report), report.conflicts, report.missing) == ((0, 1, 1), 0, 0)
    # A blank cell says nothing: the house stays.
    assert people(engine)["李四"] == {"id_number": ID_LI, "hamlet": "下村", "house": "1号"}


def test_sets_are_replaced_by_element_where_the_new_roster_speaks_of_them(engine: Engine) -> None:
    veteran, combat = BenefitCategory.VETERAN, BenefitCategory.COMBAT_VETERAN
    phones = (RosterPhone("13900000000"),)
    load(engine, row(5, "李四", id=ID_LI, categories=(veteran,), phones=phones))
    load(engine, row(5, "李四", id=ID_LI, categories=(combat,)))
    values = people(engine)["李四"]
    person = Person.read("p", {"name": "李四", **values})
    assert (person.categories, person.phones) == (("COMBAT_VETERAN",), {"13900000000": "本人"})


def test_somebody_whom_the_new_roster_leaves_out_stays_and_is_counted_as_missing(engine: Engine) -> None:
    load(engine, row(5, "李四", id=ID_LI), row(6, "王五", id=ID_WANG))
    report = load(engine, row(5, "李四", id=ID_LI))
    assert (report.missing, set(people(engine))) == (1, {"李四", "王五"})


@pytest.mark.parametrize("rounds", [1, 2], ids=["next import", "import after a further one"])
def test_a_worker_and_a_roster_that_change_one_field_make_a_conflict(
    engine: Engine, phone: Phone, rounds: int
) -> None:
    load(engine, row(5, "李四", id=ID_LI, hamlet="上村"))
    [head] = phone.sync().rows
    phone.sync(phone.change("person", head.record, {"hamlet": "下村"}, kind="patch", base=head.version))
    if rounds == 2:  # one that changes something else must not pass for having seen the worker's edit
        assert load(engine, row(5, "李四", id=ID_LI, hamlet="上村", house="3号")).conflicts == 0
    report = load(engine, row(5, "李四", id=ID_LI, hamlet="中村", house="3号"))
    assert (counts(report), report.conflicts) == ((0, 1, 0), 1)
    [conflict] = phone.sync().rows[-1].conflicts()
    assert (conflict.field, {c.value for c in conflict.candidates}) == ("hamlet", {"下村", "中村"})


def test_a_roster_that_says_the_old_thing_leaves_the_workers_edit_alone(engine: Engine, phone: Phone) -> None:
    load(engine, row(5, "李四", id=ID_LI, hamlet="上村"))
    [head] = phone.sync().rows
    phone.sync(phone.change("person", head.record, {"hamlet": "下村"}, kind="patch", base=head.version))
    assert counts(load(engine, row(5, "李四", id=ID_LI, hamlet="上村"))) == (0, 0, 1)
    assert people(engine)["李四"]["hamlet"] == "下村"


def test_a_person_whom_a_worker_added_is_found_by_his_number(engine: Engine, phone: Phone) -> None:
    phone.sync(phone.add_person("p1", name="李四", id_number=ID_LI, hamlet="上村"))
    report = load(engine, row(5, "李四", id=ID_LI, hamlet="下村", house="1号"))
    assert (counts(report), report.conflicts) == ((0, 1, 0), 1)
    head = phone.sync().rows[-1]
    assert (head.record, head.values["house"]) == ("p1", "1号")


def test_a_number_that_was_ruined_and_is_mended_is_not_a_second_person(engine: Engine) -> None:
    load(engine, row(5, "李四", id_problem=IdProblem.DIGITS_LOST, id_as_written="3.32522E+17"))
    assert people(engine)["李四"] == {"id_problem": "digits_lost", "note": "名册写的号码：3.32522E+17"}
    report = load(engine, row(5, "李四", id=ID_LI, born="1950-01-01"))
    assert counts(report) == (0, 1, 0)
    assert Person.read("p", {"name": "李四", **people(engine)["李四"]}).id_problem is None


def test_two_of_one_name_with_different_numbers_are_two_people(engine: Engine) -> None:
    load(engine, row(5, "李四", id=ID_LI))
    assert counts(load(engine, row(5, "李四", id=ID_WANG))) == (1, 0, 0)


def test_without_numbers_village_name_and_birth_tell_apart_where_unique(engine: Engine) -> None:
    missing = IdProblem.MISSING
    rows = (
        row(5, "李四", id_problem=missing, born="1950-01"),
        row(6, "李四", id_problem=missing, born="1961-02"),
        row(7, "李四", id_problem=missing, born="1950-01", village="331121209202"),
    )
    assert counts(load(engine, *rows)) == (3, 0, 0)
    changed = (replace(rows[1], house="2号"), rows[0], rows[2])
    assert counts(load(engine, *changed)) == (0, 1, 2)


def test_people_whom_nothing_tells_apart_are_found_again_and_asked_about_when_they_change(
    engine: Engine, everything: Everything
) -> None:
    one = row(5, "李四", id_problem=IdProblem.MISSING, born="1950-01", house="1号")
    two, three = replace(one, row=6, house="2号"), replace(one, row=7, house="2号")
    assert counts(load(engine, one, two, three)) == (3, 0, 0)
    after = everything()
    for rows in ((one, two, three), (three, two, one)):
        report = load(engine, *rows)
        assert (counts(report), report.questions) == ((0, 0, 3), ())
    assert everything() == after
    report = load(engine, one, replace(two, house="3号"), three)
    assert counts(report) == (0, 1, 2)
    assert report.questions == ()  # the other two are as they were
    report = load(engine, one, replace(two, house="4号"), replace(three, house="5号"))
    assert counts(report) == (0, 2, 1)
    assert report.questions == (
        "表“名册”第 6 行没有号码，和同村同名的人分不开，按先后次序对应，请补上号码。",
        "表“名册”第 7 行没有号码，和同村同名的人分不开，按先后次序对应，请补上号码。",
    )


def test_three_listings_of_one_number_are_found_again(engine: Engine, everything: Everything) -> None:
    first = row(5, "李四", id=ID_LI)
    more = [
        row(n, "李四", id=ID_LI, of=RowRef("名册", 5), village="331121209202", house=f"{n}号")
        for n in (9, 12)
    ]
    load(engine, first, *more)
    after = everything()
    assert counts(load(engine, first, *more)) == (0, 0, 3)
    assert everything() == after


def test_a_person_whose_name_a_worker_mended_is_found_again(engine: Engine, phone: Phone) -> None:
    wrong = row(5, "李泗", id_problem=IdProblem.MISSING)
    load(engine, wrong)
    [head] = phone.sync().rows
    phone.sync(phone.change("person", head.record, {"name": "李四"}, kind="patch", base=head.version))
    report = load(engine, wrong)
    assert (counts(report), report.questions, set(people(engine))) == ((0, 0, 1), (), {"李四"})


def test_a_known_number_with_another_name_is_stored_and_asked_about(engine: Engine) -> None:
    load(engine, row(5, "李四", id=ID_LI))
    report = load(engine, row(7, "王五", id=ID_LI))
    assert (counts(report), set(people(engine))) == ((0, 1, 0), {"王五"})
    assert report.questions == (
        "表“名册”第 7 行的号码原来登记的是另一个姓名，已照这次的改了，请核对是不是同一个人。",
    )
    assert report.to_json()["questions"] == list(report.questions)
    assert load(engine, row(7, "王五", id=ID_LI)).questions == ()


def test_what_the_roster_left_open_is_in_the_report(engine: Engine) -> None:
    asking = replace(roster(row(5, "李四")), questions=("第 5 行没有写是哪个村，请补上。",))
    assert import_roster(engine, asking, NOON).to_json()["questions"] == ["第 5 行没有写是哪个村，请补上。"]


def test_two_people_of_one_line_are_two(engine: Engine) -> None:
    left, right = row(5, "李四", id=ID_LI, column="B"), row(5, "王五", id=ID_WANG, column="G")
    twice = row(6, "王五", id=ID_WANG, column="B", of=right.ref)
    assert counts(load(engine, left, right, twice)) == (3, 0, 0)
    assert counts(load(engine, left, right, twice)) == (0, 0, 3)
    assert load(engine, left, right, twice).problems == {"duplicate_of": (RowRef("名册", 6, "B"),)}


def test_one_with_a_number_and_no_name_can_be_stored_and_named_later(engine: Engine) -> None:
    load(engine, row(5, "", id=ID_LI))
    assert set(people(engine)) == {"未写姓名"}
    report = load(engine, row(5, "李四", id=ID_LI))
    assert (counts(report), report.questions, set(people(engine))) == ((0, 1, 0), (), {"李四"})


def test_a_second_listing_names_the_first_and_is_found_again(engine: Engine) -> None:
    first = row(5, "李四", id=ID_LI)
    second = row(12, "李四", id=ID_LI, of=RowRef("名册", 5), village="331121209202")
    report = load(engine, first, second)
    assert report.problems == {"duplicate_of": (RowRef("名册", 12),)}
    with engine.connect() as connection:
        counted = connection.execute(select(tables.person_facts.c.is_counted)).scalars().all()
    assert sorted(counted) == [False, True]
    assert counts(load(engine, first, second)) == (0, 0, 2)


def test_the_deceased_are_marked_or_named(engine: Engine) -> None:
    load(engine, row(5, "李四", id=ID_LI), row(6, "王五", id=ID_WANG))
    dead = (
        Deceased("已故", 3, "李四", ID_LI, None, of=RowRef("名册", 5)),
        Deceased("已故", 4, "王五", ID_WANG, None),  # of an earlier roster
        Deceased("已故", 5, "赵六", ID_ZHAO, None),
    )
    report = load(engine, row(5, "李四", id=ID_LI), deceased=dead)
    assert (report.deceased, report.unplaced_deceased) == (2, (RowRef("已故", 5),))
    assert {name: values.get("deceased") for name, values in people(engine).items()} == {
        "李四": True,
        "王五": True,
    }
    again = load(engine, row(5, "李四", id=ID_LI), deceased=dead)
    assert counts(again) == (0, 0, 1)


def test_a_row_whose_village_is_unknown_belongs_to_the_township(engine: Engine, phone: Phone) -> None:
    report = load(engine, row(5, "李四", village=None, village_as_written="老村"))
    assert report.problems == {"unknown_village": (RowRef("名册", 5),)}
    assert phone.sync().rows == []
    town = Phone.sign_in(phone.app, phone.clock, "town")
    assert [(h.values["village"], h.values["note"]) for h in town.sync().rows] == [
        ("331121209", "名册写的村：老村")
    ]


def test_one_row_that_cannot_be_stored_leaves_the_data_as_it_was(
    engine: Engine, everything: Everything
) -> None:
    before = everything()
    with pytest.raises(BadInput, match=r"一行也没有存.*名册!row6"):
        load(engine, row(5, "李四", id=ID_LI), row(6, "王五", born="去年"))
    assert everything() == before


def test_the_same_roster_makes_the_same_records_from_the_same_chance(engine: Engine) -> None:
    import_roster(engine, roster(row(5, "李四")), NOON, entropy=seeded_entropy(7))
    with engine.connect() as connection:
        [record] = connection.execute(select(tables.heads.c.record)).scalars()
    assert record.startswith("018242")
    assert record[14] == "7"


def test_a_number_that_is_known_is_not_marked_by_a_blank_or_ruined_cell(
    engine: Engine, everything: Everything
) -> None:
    load(engine, row(5, "李四", id=ID_LI))
    after = everything()
    ruined = row(5, "李四", id_problem=IdProblem.DIGITS_LOST, id_as_written="3.32522E+17")
    assert counts(load(engine, ruined)) == (0, 0, 1)
    assert counts(load(engine, row(5, "李四", id_problem=IdProblem.MISSING))) == (0, 0, 1)
    assert everything() == after


def test_a_wrong_number_stays_marked_when_the_next_roster_leaves_it_out(engine: Engine) -> None:
    wrong = ID_LI[:-1] + ("1" if ID_LI[-1] != "1" else "2")
    load(engine, row(5, "李四", id=wrong, id_problem=IdProblem.CHECKSUM))
    assert counts(load(engine, row(5, "李四", id_problem=IdProblem.MISSING))) == (0, 0, 1)
    assert people(engine)["李四"] == {"id_number": wrong, "id_problem": "checksum"}


def test_a_number_that_a_worker_found_is_not_marked_as_missing_again(engine: Engine, phone: Phone) -> None:
    missing = row(5, "李四", id_problem=IdProblem.MISSING)
    load(engine, missing)
    [head] = phone.sync().rows
    phone.sync(phone.change("person", head.record, {"id_number": ID_LI}, kind="patch", base=head.version))
    load(engine, missing)
    known = Person.read("p", {"name": "李四", **people(engine)["李四"]})
    assert (known.id_number, known.id_problem) == (ID_LI, None)
    assert counts(load(engine, missing)) == (0, 0, 1)


def test_who_comes_home_has_no_place_away(engine: Engine) -> None:
    load(engine, row(5, "李四", id=ID_LI, away=True, away_place="杭州"))
    assert counts(load(engine, row(5, "李四", id=ID_LI, away=False))) == (0, 1, 0)
    known = Person.read("p", {"name": "李四", **people(engine)["李四"]})
    assert (known.away, known.away_place) == ("HOME", "")


def test_a_new_number_for_a_name_that_is_no_longer_listed_is_asked_about_once(engine: Engine) -> None:
    load(engine, row(5, "李四", id=ID_LI), row(6, "王五", id=ID_WANG))
    slip = row(5, "李四", id=ID_ZHAO)
    report = load(engine, slip, row(6, "王五", id=ID_WANG))
    assert (counts(report), report.missing) == ((1, 0, 1), 1)
    assert report.questions == (
        "表“名册”第 5 行按新的人登记了，同村同名的一位这次没有列出，请核对是不是同一个人、号码有没有写错。",
    )
    assert load(engine, slip, row(6, "王五", id=ID_WANG)).questions == ()


def test_a_birthday_that_is_no_day_costs_nobody_his_place_on_the_roster(engine: Engine, phone: Phone) -> None:
    """As the office wrote it; a phone that says the same is refused (test_quarantine.py)."""
    report = load(engine, row(5, "李四", born="1950-02-30"), row(6, "王五", born="2099-01-01"))
    assert (counts(report), {name: p["born"] for name, p in people(engine).items()}) == (
        (2, 0, 0),
        {"李四": "1950-02-30", "王五": "2099-01-01"},
    )
    li = next(r for r in phone.sync().rows if r.values["name"] == "李四")
    receipts = phone.sync(
        phone.change("person", li.record, {"house": "12号"}, kind="patch", base=1),
        phone.change("person", li.record, {"born": "1950-02-30"}, kind="patch", base=1),
    ).receipts
    assert [(r.status, r.field) for r in receipts] == [("accepted", None), ("quarantined", "born")]
