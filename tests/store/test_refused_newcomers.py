"""A newcomer whom the server did not take is read with the reason, put right, or taken back."""

import pytest

from app.domain.errors import BadInput
from app.domain.models import Person
from app.domain.wire import Receipt
from app.store import outbox
from app.store.drafts import draft_of, keep_draft
from app.store.inbox import apply_page
from app.store.newcomers import add_person, can_undo, undo_person
from app.store.outbox import Refusal
from app.store.people import edit_person, person_view
from app.store.records import totals
from app.store.refused_newcomers import (
    RefusedNewcomer,
    draft_about,
    mend_person,
    refused_newcomer,
    refused_newcomers,
)
from app.store.store import Store
from tests.fakes import VILLAGE, FakeClock, answer_of

REFUSED = Receipt(seq=1, status="quarantined", ref="7F3K29QD", code="bad_field", message="身份证号不对。")
NUMBER, OTHER = "331121195001010014", "331121195102020025"


def refused(store: Store) -> str:
    """Somebody entered here and not taken."""
    newcomer = add_person(store, "闻一禾", VILLAGE, hamlet="上坞", id_number=NUMBER, phones={"1": "女儿"})
    apply_page(store, "phone-1", answer_of(receipts=[REFUSED], have=1))
    return newcomer


def test_he_is_listed_with_the_reason_and_the_code_to_read_out(store: Store) -> None:
    newcomer = refused(store)
    person = person_view(store, newcomer).person
    reason = Refusal("bad_field", "身份证号不对。", None)
    assert refused_newcomers(store) == [RefusedNewcomer(person, reason, "7F3K29QD")]
    assert (refused_newcomer(store, "person-1"), totals(store).edits_refused) == (None, 1)


def test_a_mend_names_what_it_replaces_and_says_all_of_him(store: Store) -> None:
    newcomer = refused(store)
    edit_person(store, newcomer, {"note": "常在家", "house": "9号"})
    keep_draft(store, newcomer, {"name": "闻"}, about=draft_about(newcomer))
    mend_person(
        store, newcomer, "闻一禾", VILLAGE, hamlet="下坞", house="9号", id_number=OTHER, phones={"2": "女儿"}
    )
    edit, mend = outbox.next_batch(store, "phone-1").changes
    assert (edit.seq, mend.seq, mend.kind, mend.base, mend.replaces) == (2, 3, "create", 0, 1)
    assert person_view(store, newcomer).person == Person(
        id=newcomer, name="闻一禾", village=VILLAGE, hamlet="下坞", house="9号", note="常在家",
        id_number=OTHER, id_problem="checksum", phones={"2": "女儿"},
    )  # fmt: skip
    assert (refused_newcomers(store), totals(store).edits_refused, totals(store).edits) == ([], 0, 1)
    assert draft_of(store, newcomer, about=draft_about(newcomer)) is None


def test_who_was_not_refused_cannot_be_mended_nor_put_where_nobody_may(store: Store) -> None:
    with pytest.raises(BadInput, match="市里没有退回"):
        mend_person(store, "person-1", "闻一禾", VILLAGE)
    newcomer = refused(store)
    with pytest.raises(BadInput) as caught:
        mend_person(store, newcomer, "闻一禾", "331121209299")
    assert (caught.value.field, outbox.waiting(store).changes) == ("village", 0)


def test_he_can_be_taken_back_at_any_time(store: Store, clock: FakeClock) -> None:
    newcomer = refused(store)
    clock.go_on(days=3)
    assert can_undo(store, newcomer)
    undo_person(store, newcomer)
    assert (refused_newcomers(store), can_undo(store, newcomer)) == ([], False)
    assert totals(store).edits_refused == 0
