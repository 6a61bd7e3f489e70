"""models: what is written to fields reads back, sets by element, unknown fields left alone."""

from __future__ import annotations

from datetime import UTC, datetime

from app.domain.models import Person, Visit

PERSON = Person(
    id="p1", name="蓝𠅤生", village="331121209200", categories=("COMBAT_VETERAN", "VETERAN"),
    phones={"13900000000": "女儿"}, born="1942-08", away="AWAY", away_place="温州",
)  # fmt: skip
VISIT = Visit(
    id="v1", campaign="lishui-2022", person="p1", organisation="331121209200", performer="a1",
    method="HOME", result="MET_SELF", at=datetime(2022, 7, 20, 1, tzinfo=UTC),
    saved_at=datetime(2022, 7, 20, 2, tzinfo=UTC), checklist=("LAW_DELIVERY",), cash_fen=50000,
)  # fmt: skip


def test_person_and_visit_read_back_from_their_fields():
    assert Person.read("p1", PERSON.fields_of()) == PERSON
    assert Visit.read("v1", VISIT.fields_of()) == VISIT


def test_sets_are_spelt_by_element():
    fields = PERSON.fields_of()
    assert fields["categories/VETERAN"] is True
    assert fields["phones/13900000000"] == "女儿"


def test_an_element_taken_away_is_gone_from_the_set():
    values = PERSON.fields_of() | {"categories/VETERAN": None, "phones/13900000000": None}
    person = Person.read("p1", values)
    assert (person.categories, person.phones) == (("COMBAT_VETERAN",), {})


def test_fields_of_a_later_version_do_not_disturb():
    assert Person.read("p1", PERSON.fields_of() | {"新栏": 1, "新集/甲": True}) == PERSON
