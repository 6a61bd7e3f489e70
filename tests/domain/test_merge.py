"""merge.apply: what is superseded, what conflicts, and that no order of arrival changes it."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.change import Change
from app.domain.merge import Candidate, Head, Mark, apply


def change(device: str, seq: int, fields: dict, *, base: int = 0, kind="patch", entity="person") -> Change:
    return Change(
        device=device, seq=seq, hlc=seq, actor=f"of-{device}", entity=entity, record="r1",
        kind=kind, base=base, fields=fields,
    )  # fmt: skip


def merged(head: Head | None, said: Change, *, hlc: int) -> Head:
    version = (head.version if head else 0) + 1
    return apply(head, said, Mark(version, hlc, said.device, said.seq, said.actor))


def born() -> Head:
    return merged(None, change("roster", 1, {"name": "张三", "house": "12号"}, kind="create"), hlc=1)


def test_different_fields_edited_apart_never_conflict():
    head = merged(born(), change("a", 1, {"name": "张三丰"}, base=1), hlc=5)
    head = merged(head, change("b", 1, {"house": "13号"}, base=1), hlc=6)
    assert (head.values, head.conflicts()) == ({"name": "张三丰", "house": "13号"}, [])


def test_same_field_edited_unseen_keeps_both_and_shows_the_later_stamp():
    head = merged(born(), change("a", 1, {"house": "13号"}, base=1), hlc=9)
    head = merged(head, change("b", 1, {"house": "14号"}, base=1), hlc=6)
    (conflict,) = head.conflicts()
    assert head.values["house"] == "13号"
    assert conflict.field == "house"
    assert [c.value for c in conflict.candidates] == ["13号", "14号"]


def test_same_value_twice_is_no_conflict():
    head = merged(born(), change("a", 1, {"house": "13号"}, base=1), hlc=9)
    head = merged(head, change("b", 1, {"house": "13号"}, base=1), hlc=6)
    assert head.conflicts() == []


def test_a_change_that_saw_every_candidate_settles_the_conflict():
    head = merged(born(), change("a", 1, {"house": "13号"}, base=1), hlc=9)
    head = merged(head, change("b", 1, {"house": "14号"}, base=1), hlc=6)
    head = merged(head, change("b", 2, {"house": "14号"}, base=3), hlc=20)
    assert (head.values["house"], head.conflicts()) == ("14号", [])


def test_a_value_unseen_by_the_settlement_opens_the_conflict_again():
    head = merged(born(), change("a", 1, {"house": "13号"}, base=1), hlc=9)
    head = merged(head, change("b", 1, {"house": "14号"}, base=2), hlc=10)
    head = merged(head, change("c", 1, {"house": "15号"}, base=1), hlc=5)
    assert [c.value for c in head.conflicts()[0].candidates] == ["14号", "15号"]


def test_a_device_supersedes_its_own_earlier_value_without_having_seen_it_return():
    head = merged(born(), change("a", 1, {"house": "13号"}, base=1), hlc=9)
    head = merged(head, change("a", 2, {"house": "14号"}, base=1), hlc=10)
    assert (head.values["house"], head.conflicts()) == ("14号", [])


def test_an_earlier_change_that_comes_after_a_later_one_of_its_device_does_not_overwrite_it():
    """A server restored from a backup may get new work before what it has lost."""
    head = merged(born(), change("a", 2, {"house": "14号"}, base=1), hlc=10)
    head = merged(head, change("a", 1, {"house": "13号", "note": "在家"}, base=1), hlc=11)
    assert (head.values["house"], head.values["note"], head.conflicts()) == ("14号", "在家", [])


def test_elements_of_a_set_merge_one_by_one():
    head = merged(born(), change("a", 1, {"phones/13900000001": "本人"}, base=1), hlc=3)
    head = merged(head, change("b", 1, {"phones/13900000002": "女儿"}, base=1), hlc=4)
    assert head.conflicts() == []
    assert {k: v for k, v in head.values.items() if k.startswith("phones/")} == {
        "phones/13900000001": "本人",
        "phones/13900000002": "女儿",
    }


def test_two_amendments_of_a_fact_both_stay_and_ask_nobody():
    first = merged(None, change("a", 1, {"note": "一"}, kind="create", entity="visit"), hlc=1)
    head = merged(first, change("a", 2, {"note": "二"}, base=1, entity="visit"), hlc=5)
    head = merged(head, change("b", 1, {"note": "三"}, base=1, entity="visit"), hlc=6)
    assert (head.values["note"], head.conflicts()) == ("三", [])
    assert [c.value for c in head.candidates("note")] == ["三", "二"]


def test_a_void_marks_the_record_and_keeps_its_values():
    first = merged(None, change("a", 1, {"note": "一"}, kind="create", entity="visit"), hlc=1)
    head = merged(first, change("a", 2, {}, kind="void", entity="visit"), hlc=2)
    assert head.is_voided
    assert head.values["note"] == "一"


def test_the_same_create_again_changes_no_value():
    again = merged(born(), change("roster2", 7, {"name": "张三", "house": "12号"}, kind="create"), hlc=30)
    assert (again.values, again.conflicts()) == (born().values, [])


WRITES = st.lists(st.sampled_from(["甲", "乙", "丙"]), min_size=1, max_size=4)


@given(WRITES, st.randoms(use_true_random=False))
def test_shown_value_and_candidates_do_not_depend_on_the_order_of_arrival(values, random):
    """Writers that have seen only version 1 may arrive in any order."""
    edits = [(change(f"d{i}", 1, {"house": v}, base=1), random.randint(2, 9)) for i, v in enumerate(values)]
    outcomes = set()
    for order in permutations(edits):
        head = born()
        for said, hlc in order:
            head = merged(head, said, hlc=hlc)
        shown = [(c.value, c.mark.device) for c in head.candidates("house")]
        outcomes.add((head.values["house"], tuple(shown)))
    assert len(outcomes) == 1


@pytest.mark.parametrize(
    "name", ["house", "name", "hamlet"], ids=["written once", "written once too", "never"]
)
def test_candidates_of_an_unmarked_field_come_from_its_first_writer(name):
    head = born()
    expected = {"house": ("12号",), "name": ("张三",), "hamlet": ()}[name]
    assert head.candidates(name) == tuple(Candidate(head.first, v) for v in expected)
