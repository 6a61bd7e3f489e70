"""Somebody who is on no roster can be entered without a network; a likely duplicate is hinted."""

import pytest

from app.domain.errors import BadInput, TooLateToUndo, UnknownRecord
from app.domain.models import Person
from app.store import outbox
from app.store.drafts import NEWCOMER, draft_of, keep_draft
from app.store.inbox import apply_page
from app.store.index import people_index
from app.store.newcomers import add_person, can_undo, likely_duplicates, undo_person
from app.store.people import edit_person, person_view
from app.store.records import totals
from app.store.store import Store
from app.store.visits import record_visit, undo_visit, visits_of
from tests.fakes import OTHER_VILLAGE, VILLAGE, FakeClock, answer_of, head_of, person, visit_to


def test_a_newcomer_is_listed_and_can_be_visited_at_once(store: Store) -> None:
    newcomer = add_person(store, " 闻一禾 ", VILLAGE, hamlet="上坞", house="9号")
    visit = record_visit(store, visit_to(newcomer))
    assert person_view(store, newcomer).person == Person(
        id=newcomer, name="闻一禾", village=VILLAGE, hamlet="上坞", house="9号"
    )
    assert set(people_index(store).search()) == {"person-1", newcomer}
    assert [view.visit.id for view in visits_of(store, newcomer)] == [visit]
    changes = outbox.next_batch(store, "phone-1").changes
    assert [(c.seq, c.kind, c.record) for c in changes] == [(1, "create", newcomer), (2, "create", visit)]


def test_the_same_person_is_hinted_by_number_or_by_name_and_place(store: Store) -> None:
    known = person("person-2", name="闻一禾", hamlet="上坞", id_number="33112119500101001X")
    apply_page(store, "phone-1", answer_of(rows=[head_of(known)], cursor="c2"))
    assert likely_duplicates(store, "闻一禾", VILLAGE, hamlet="上坞") == ["person-2"]
    assert likely_duplicates(store, "闻一禾", VILLAGE) == ["person-2"]
    assert likely_duplicates(store, "闻一禾", VILLAGE, hamlet="下坞") == []
    assert likely_duplicates(store, "闻一禾", OTHER_VILLAGE, hamlet="上坞") == []
    assert likely_duplicates(store, "别名", OTHER_VILLAGE, id_number="331121 19500101 001x") == ["person-2"]


def test_a_sound_number_tells_birth_and_sex_and_one_that_does_not_add_up_is_marked(store: Store) -> None:
    sound = add_person(store, "闻一禾", VILLAGE, id_number="331121 19500101 001 4")
    wrong = add_person(store, "闻二禾", VILLAGE, id_number="331121195001010011")
    found = [person_view(store, record).person for record in (sound, wrong)]
    assert [(p.id_number, p.id_problem, p.sex, p.born) for p in found] == [
        ("331121195001010014", None, "M", "1950-01-01"),
        ("331121195001010011", "checksum", None, None),
    ]


def test_categories_and_phone_are_kept_and_the_draft_goes_with_the_save(store: Store) -> None:
    keep_draft(store, "", {"name": "闻一"}, about=NEWCOMER)
    record = add_person(store, "闻一禾", VILLAGE, categories=("VETERAN",), phones={"13900000000": "本人"})
    assert person_view(store, record).person == Person(
        id=record,
        name="闻一禾",
        village=VILLAGE,
        categories=("VETERAN",),
        phones={"13900000000": "本人"},
    )
    assert draft_of(store, "", about=NEWCOMER) is None


@pytest.mark.parametrize(("name", "village", "field"), [("  ", VILLAGE, "name"), ("闻一禾", "1", "village")])
def test_what_is_nobody_or_nowhere_is_not_saved(store: Store, name: str, village: str, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        add_person(store, name, village)
    assert (caught.value.field, outbox.waiting(store).changes) == (field, 0)


def test_of_two_entries_of_one_person_that_were_merged_a_visit_to_either_reaches_him(store: Store) -> None:
    mine = add_person(store, "闻一禾", VILLAGE)
    record_visit(store, visit_to(mine))
    theirs = person("person-9", name="闻一禾")
    apply_page(store, "phone-1", answer_of(rows=[head_of(theirs)], cursor="c2"))
    index = people_index(store)
    assert (index.is_visited("person-9"), index.progress().due) == (False, 3)
    edit_person(store, mine, {"merged_into": "person-9"})
    assert (index.is_visited("person-9"), index.progress().due) == (True, 2)
    assert [view.visit.person for view in visits_of(store, mine)] == [mine]
    edit_person(store, mine, {"merged_into": None})
    assert (index.is_visited("person-9"), index.progress().due) == (False, 3)


def test_a_newcomer_entered_by_mistake_is_taken_back_by_a_change_of_its_own(store: Store) -> None:
    newcomer = add_person(store, "闻一禾", VILLAGE)
    undo_person(store, newcomer)
    undo_person(store, newcomer)
    assert (people_index(store).search(), can_undo(store, newcomer)) == (["person-1"], False)
    changes = outbox.next_batch(store, "phone-1").changes
    assert [(c.kind, c.record) for c in changes] == [("create", newcomer), ("void", newcomer)]
    assert totals(store).edits == 1


def test_a_newcomer_is_not_taken_back_under_a_visit_nor_after_a_day(store: Store, clock: FakeClock) -> None:
    newcomer = add_person(store, "闻一禾", VILLAGE)
    visit = record_visit(store, visit_to(newcomer))
    with pytest.raises(BadInput, match="先撤销那次走访"):
        undo_person(store, newcomer)
    undo_visit(store, visit)
    assert can_undo(store, newcomer)
    clock.go_on(days=1.1)
    assert not can_undo(store, newcomer)
    with pytest.raises(TooLateToUndo, match="24 小时"):
        undo_person(store, newcomer)
    with pytest.raises(UnknownRecord, match="不是在这部手机上新增"):
        undo_person(store, "person-1")
    assert outbox.waiting(store).changes == 3
