"""What this device may no longer read goes, and nothing that was entered here is lost with it (P11)."""

from app.domain.wire import Receipt
from app.store import drafts, heads, outbox
from app.store.inbox import apply_page
from app.store.index import people_index
from app.store.outbox import NewChange
from app.store.store import Store
from app.store.visits import record_visit, visits_of
from tests.fakes import answer_of, head_of, person, visit_to


def records_here(store: Store) -> set[str]:
    return {record for (record,) in store.db.execute("SELECT record FROM records")}


def test_a_person_who_moved_away_goes_with_his_draft(store: Store) -> None:
    drafts.keep_draft(store, "person-1", {"note": "半句"})
    assert people_index(store).search() == ["person-1"]
    apply_page(store, "phone-1", answer_of(gone=[("person", "person-1")]))
    assert (people_index(store).search(), records_here(store), drafts.people_with_drafts(store)) == (
        [],
        set(),
        [],
    )


def test_unsent_work_hides_the_gone_person_and_keeps_him_until_its_receipt(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1"))
    apply_page(store, "phone-1", answer_of(gone=[("person", "person-1")]))
    assert (people_index(store).search(), visits_of(store, "person-1")) == ([], [])
    assert [change.record for change in outbox.next_batch(store, "phone-1").changes] == [visit]
    assert records_here(store) == {visit}  # the person himself has nothing unsent
    receipt = Receipt(seq=1, status="accepted", version=1, ref="REF00001")
    apply_page(store, "phone-1", answer_of(receipts=[receipt], have=1))
    assert (records_here(store), outbox.waiting(store).changes) == (set(), 0)


def test_somebody_who_comes_back_is_shown_with_what_was_entered_about_him(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1"))
    apply_page(store, "phone-1", answer_of(gone=[("person", "person-1")]))
    apply_page(store, "phone-1", answer_of(rows=[head_of(person(), version=3)]))
    assert people_index(store).search() == ["person-1"]
    assert [view.visit.id for view in visits_of(store, "person-1")] == [visit]


def test_a_pull_from_the_start_removes_what_it_does_not_bring_and_only_when_it_is_whole(store: Store) -> None:
    apply_page(store, "phone-1", answer_of(rows=[head_of(person("person-2"))], cursor="c2"))
    first = answer_of(rows=[head_of(person("person-3"))], cursor="n1", more=True, restarted=True)
    apply_page(store, "phone-1", first)
    assert records_here(store) == {"person-1", "person-2", "person-3"}
    apply_page(store, "phone-1", answer_of(rows=[head_of(person("person-1"))], cursor="n2"))
    assert records_here(store) == {"person-1", "person-3"}
    apply_page(store, "phone-1", answer_of(cursor="n3"))
    assert records_here(store) == {"person-1", "person-3"}


def test_a_visit_that_a_restored_server_lost_is_not_taken_for_gone(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1"))
    change = outbox.next_batch(store, "phone-1").changes[0]
    receipt = Receipt(seq=1, status="accepted", version=1, ref="REF00001")
    row = head_of(visits_of(store, "person-1")[0].visit)
    apply_page(store, "phone-1", answer_of(receipts=[receipt], rows=[row], have=1))
    again = answer_of(rows=[head_of(person())], epoch="e2", have=0, restarted=True, cursor="x1")
    apply_page(store, "phone-1", again)
    assert records_here(store) == {"person-1", visit}
    assert outbox.next_batch(store, "phone-1").changes == (change,)


def test_whatever_was_entered_about_somebody_who_moved_away_is_hidden_with_him_and_still_sent(
    store: Store,
) -> None:
    with store.transaction():
        new = NewChange("confirmation", "c1", fields={"person": "person-1"})
        heads.add_new(store, outbox.append(store, [new], device="phone-1", actor="account-1"))
    assert [record for record, _ in heads.values_about(store, "confirmation", ["person-1"])] == ["c1"]
    apply_page(store, "phone-1", answer_of(gone=[("person", "person-1")]))
    assert heads.values_about(store, "confirmation", ["person-1"]) == []
    assert [change.record for change in outbox.next_batch(store, "phone-1").changes] == ["c1"]
