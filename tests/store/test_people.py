import pytest

from app.domain.errors import UnknownRecord
from app.store import drafts, outbox, prefs
from app.store.inbox import apply_page
from app.store.people import edit_person, person_view
from app.store.store import Store
from tests.fakes import answer_of, head_of, person


def test_an_edit_says_only_what_differs(store: Store) -> None:
    edit_person(store, "person-1", {"name": "单小满", "hamlet": "上坞"})
    edit_person(store, "person-1", {"hamlet": "上坞"})
    (change,) = outbox.next_batch(store, "phone-1").changes
    assert (change.kind, change.fields) == ("patch", {"hamlet": "上坞"})
    assert person_view(store, "person-1").person == person(hamlet="上坞")


def test_an_unknown_person_is_named(store: Store) -> None:
    with pytest.raises(UnknownRecord, match="nobody"):
        person_view(store, "nobody")


def test_the_rosters_own_death_mark_counts(store: Store) -> None:
    apply_page(store, "phone-1", answer_of(rows=[head_of(person("person-2", deceased=True))]))
    assert person_view(store, "person-2").is_deceased


def test_a_draft_is_kept_replaced_found_and_dropped(store: Store) -> None:
    drafts.keep_draft(store, "person-1", {"method": "HOME", "checklist": ["POLICY_BRIEFING"]})
    drafts.keep_draft(store, "person-1", {"method": "PHONE", "note": "没写完"})
    assert drafts.draft_of(store, "person-1") == {"method": "PHONE", "note": "没写完"}
    assert (drafts.people_with_drafts(store), person_view(store, "person-1").has_draft) == (
        ["person-1"],
        True,
    )
    drafts.drop_draft(store, "person-1")
    drafts.drop_draft(store, "person-1")
    assert (drafts.draft_of(store, "person-1"), drafts.people_with_drafts(store)) == (None, [])


def test_a_preference_is_its_last_value_or_the_default(store: Store) -> None:
    assert prefs.pref(store, "last_checklist", []) == []
    prefs.set_pref(store, "last_checklist", ["POLICY_BRIEFING"])
    prefs.set_pref(store, "last_checklist", ["LAW_DELIVERY"])
    assert prefs.pref(store, "last_checklist", []) == ["LAW_DELIVERY"]


def test_setting_a_preference_to_what_it_is_writes_nothing(store: Store) -> None:
    prefs.set_pref(store, "last_method", "HOME")
    heard: list[frozenset[str]] = []
    store.on_commit(heard.append)
    prefs.set_pref(store, "last_method", "HOME")
    prefs.set_pref(store, "scale", 1)
    assert heard == [frozenset({"prefs"})]
