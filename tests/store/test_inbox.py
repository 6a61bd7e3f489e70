import json
from dataclasses import replace
from typing import Any

import pytest

from app.domain.change import Change
from app.domain.merge import Head, Mark, apply
from app.domain.wire import Answer, Own, Receipt, head_from_json
from app.store import heads, outbox
from app.store.inbox import apply_page, feed_state
from app.store.people import edit_person, person_view
from app.store.records import totals
from app.store.store import Store
from app.store.visits import record_visit, visits_of
from tests.fakes import NOON, FakeClock, answer_of, head_of, person, visit_to


def edited_by_county(head: Head, *, version: int, base: int, **fields: object) -> Head:
    """`head` after the county's office changed it on the server."""
    change = Change(
        device="county-1",
        seq=version,
        hlc=version,
        actor="worker-9",
        entity="person",
        record=head.record,
        kind="patch",
        base=base,
        fields=fields,
    )
    return apply(head, change, Mark(version, (NOON << 16) + version, "county-1", version, "worker-9"))


def test_rows_receipts_and_cursor_move_together_or_not_at_all(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1"))
    before = feed_state(store)
    broken = replace(head_of(person("person-3")), version="two")  # type: ignore[arg-type]
    receipt = Receipt(seq=1, status="accepted", version=1, ref="R")
    answer = answer_of(receipts=[receipt], rows=[head_of(person("person-2")), broken], cursor="c2", have=1)
    with pytest.raises(Exception, match="没能完成"):
        apply_page(store, "phone-1", answer)
    assert feed_state(store) == before
    assert heads.values_by_id(store, ["person-2"]) == {}
    assert [view.visit.id for view in visits_of(store, "person-1")] == [visit]
    assert outbox.waiting(store).changes == 1


def test_applying_a_page_twice_is_the_same_as_once(store: Store) -> None:
    page = answer_of(rows=[head_of(person("person-2", name="仇大年"))], cursor="c2")
    apply_page(store, "phone-1", page)
    once = [tuple(row.values()) for row in store.db["records"].rows]
    apply_page(store, "phone-1", page)
    assert [tuple(row.values()) for row in store.db["records"].rows] == once


def test_an_older_row_never_replaces_a_newer_one(store: Store) -> None:
    old = head_of(person(hamlet="上坞"))
    new = edited_by_county(old, version=2, base=1, hamlet="下坞")
    apply_page(store, "phone-1", answer_of(rows=[new, old]))
    assert person_view(store, "person-1").person.hamlet == "下坞"


def test_a_pending_edit_is_shown_over_a_newer_row_and_keeps_its_base(store: Store) -> None:
    edit_person(store, "person-1", {"hamlet": "上坞"})
    newer = edited_by_county(head_of(person()), version=2, base=1, house="12号")
    apply_page(store, "phone-1", answer_of(rows=[newer]))
    view = person_view(store, "person-1")
    assert (view.person.hamlet, view.person.house, view.conflict_fields) == ("上坞", "12号", ())
    (change,) = outbox.next_batch(store, "phone-1").changes
    assert (change.base, change.fields) == (1, {"hamlet": "上坞"})


def test_two_values_for_one_field_are_both_kept_until_somebody_chooses(store: Store) -> None:
    edit_person(store, "person-1", {"hamlet": "上坞"})
    newer = edited_by_county(head_of(person()), version=2, base=1, hamlet="下坞")
    apply_page(store, "phone-1", answer_of(rows=[newer]))
    (conflict,) = heads.shown_head(store, "person-1").conflicts()
    assert (conflict.field, {c.value for c in conflict.candidates}) == ("hamlet", {"上坞", "下坞"})
    assert person_view(store, "person-1").conflict_fields == ("hamlet",)


def test_choosing_the_value_that_is_shown_anyway_settles_a_conflict(store: Store) -> None:
    base = head_of(person())
    mine = edited_by_county(base, version=2, base=1, hamlet="上坞")
    both = edited_by_county(mine, version=3, base=1, hamlet="下坞")
    # The county's two marks are of one device; make the second another's, so that they disagree.
    first, second = both.marks["hamlet"][0], mine.marks["hamlet"][0]
    other = second._replace(mark=second.mark._replace(device="town-1"))
    apply_page(store, "phone-1", answer_of(rows=[replace(both, marks={"hamlet": (first, other)})]))
    view = person_view(store, "person-1")
    assert view.conflict_fields == ("hamlet",)
    edit_person(store, "person-1", {"hamlet": view.person.hamlet})
    assert person_view(store, "person-1").conflict_fields == ()
    assert len(outbox.next_batch(store, "phone-1").changes) == 1


def test_an_edit_stays_shown_after_its_receipt_until_the_row_comes_down(store: Store) -> None:
    edit_person(store, "person-1", {"hamlet": "上坞"})
    receipt = Receipt(seq=1, status="accepted", version=2, ref="R")
    apply_page(store, "phone-1", answer_of(receipts=[receipt], have=1))
    assert person_view(store, "person-1").person.hamlet == "上坞"
    final = edited_by_county(head_of(person()), version=3, base=2, hamlet="后山")
    apply_page(store, "phone-1", answer_of(rows=[final]))
    assert person_view(store, "person-1").person.hamlet == "后山"


def test_a_refused_edit_is_not_shown_as_if_it_held_but_stays_in_the_outbox(store: Store) -> None:
    edit_person(store, "person-1", {"hamlet": "上坞"})
    refusal = Receipt(seq=1, status="quarantined", code="outside_scope", message="归别的村管")
    apply_page(store, "phone-1", answer_of(receipts=[refusal], have=1))
    assert person_view(store, "person-1").person.hamlet == ""
    (kept,) = store.db["outbox"].rows
    assert "上坞" in store.codec.open([kept["change"]])[0]


def test_fields_and_entities_of_a_newer_version_are_kept_untouched(store: Store) -> None:
    newer = Head(
        "person", "person-1", 2, {"name": "单小满", "zodiac": {"sign": "虎"}}, Mark(2, 5, "x", 1, "y")
    )
    opinion = Head("opinion", "opinion-1", 1, {"words": "都好"}, Mark(1, 5, "x", 2, "y"))
    apply_page(store, "phone-1", answer_of(rows=[newer, opinion]))
    edit_person(store, "person-1", {"hamlet": "上坞"})
    assert heads.shown_head(store, "person-1").values["zodiac"] == {"sign": "虎"}
    assert heads.shown_head(store, "opinion-1") == opinion


def test_a_person_who_moves_is_found_in_the_new_village_column(store: Store) -> None:
    moved = edited_by_county(head_of(person()), version=2, base=1, village="331121209201")
    apply_page(store, "phone-1", answer_of(rows=[moved]))
    assert [row["village"] for row in store.db["records"].rows] == ["331121209201"]


def test_a_server_restored_from_a_backup_is_offered_again_what_it_lost(store: Store) -> None:
    for _ in range(3):
        record_visit(store, visit_to("person-1"))
    receipts = [Receipt(seq=n, status="accepted", version=1, ref=f"R{n}") for n in (1, 2, 3)]
    apply_page(store, "phone-1", answer_of(receipts=receipts, have=3))
    apply_page(store, "phone-1", answer_of(epoch="e2", cursor="again", have=1))
    assert [c.seq for c in outbox.next_batch(store, "phone-1").changes] == [2, 3]
    assert (totals(store).received, totals(store).saved) == (1, 2)


def test_rows_of_a_new_epoch_count_though_their_versions_are_lower(store: Store) -> None:
    later = edited_by_county(head_of(person()), version=2, base=1, hamlet="下坞")
    apply_page(store, "phone-1", answer_of(rows=[later]))
    apply_page(store, "phone-1", answer_of(rows=[head_of(person(hamlet="上坞"))], epoch="e2"))
    assert person_view(store, "person-1").person.hamlet == "上坞"


def test_more_numbers_on_the_server_than_were_given_out_here_ask_for_a_new_device_id(store: Store) -> None:
    record_visit(store, visit_to("person-1"))
    assert apply_page(store, "phone-1", answer_of(have=9)).must_renumber


def test_the_feed_state_tells_last_contact_and_the_clocks_difference(store: Store, clock: FakeClock) -> None:
    clock.go_on(ms=5)
    apply_page(store, "phone-1", answer_of(cursor="c7", more=True), clock_offset_ms=-7_200_000)
    state = feed_state(store)
    assert (state.cursor, state.is_complete) == ("c7", False)
    assert (state.last_contact_ms, state.clock_offset_ms) == (NOON + 5, -7_200_000)


def test_a_row_in_short_is_what_is_held_with_the_own_change_merged_in(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1"))
    sent = outbox.next_batch(store, "phone-1").changes
    receipt = Receipt(seq=1, status="accepted", version=1, ref="R")
    applied = apply_page(
        store, "phone-1", replace_own(answer_of(receipts=[receipt], have=1), Own(1, 1, 77)), sent=sent
    )
    head, shown = head_and_shown(store, visit)
    assert (applied.rows, shown) == (1, None)
    assert head_from_json(json.loads(head)) == apply(None, sent[0], Mark(1, 77, "phone-1", 1, sent[0].actor))


def test_a_creation_in_short_brings_its_record_back_where_it_had_gone(store: Store) -> None:
    """A restored server was offered a visit again whose person had left this phone, and since has not."""
    visit = record_visit(store, visit_to("person-1"))
    sent = outbox.next_batch(store, "phone-1").changes
    store.db.execute("DELETE FROM records WHERE record = ?", (visit,))
    receipt = Receipt(seq=1, status="accepted", version=1, ref="R")
    apply_page(store, "phone-1", replace_own(answer_of(receipts=[receipt], have=1), Own(1, 1, 77)), sent=sent)
    head, _ = head_and_shown(store, visit)
    assert head_from_json(json.loads(head)) == apply(None, sent[0], Mark(1, 77, "phone-1", 1, sent[0].actor))


def test_a_row_in_short_of_a_record_that_is_held_otherwise_changes_nothing(store: Store) -> None:
    """Only what the server merged into can be merged into; the digest finds the difference."""
    edit_person(store, "person-1", {"note": "白天在家"})
    before, shown = head_and_shown(store, "person-1")
    sent = outbox.next_batch(store, "phone-1").changes
    receipt = Receipt(seq=1, status="accepted", version=4, ref="R")
    apply_page(store, "phone-1", replace_own(answer_of(receipts=[receipt], have=1), Own(1, 4, 77)), sent=sent)
    assert head_and_shown(store, "person-1") == (before, shown)
    assert person_view(store, "person-1").person.note == "白天在家"


def test_work_saved_while_its_record_is_being_sent_stays_shown(store: Store) -> None:
    edit_person(store, "person-1", {"note": "白天在家"})
    sent = outbox.next_batch(store, "phone-1").changes
    edit_person(store, "person-1", {"hamlet": "下坞"})
    receipt = Receipt(seq=1, status="accepted", version=2, ref="R")
    apply_page(store, "phone-1", replace_own(answer_of(receipts=[receipt], have=1), Own(1, 2, 77)), sent=sent)
    head, shown = head_and_shown(store, "person-1")
    assert (json.loads(head)["version"], json.loads(shown)["values"]["hamlet"]) == (2, "下坞")
    assert person_view(store, "person-1").person.note == "白天在家"


def replace_own(answer: Answer, *own: Own) -> Answer:
    """`answer` with these rows in short."""
    return answer.model_copy(update={"own": list(own)})


def head_and_shown(store: Store, record: str) -> tuple[Any, Any]:
    """Both as the table holds them."""
    return store.db.execute("SELECT head, shown FROM records WHERE record = ?", (record,)).fetchone()


def test_an_edit_of_a_row_that_a_restored_server_has_not_sent_anew_claims_to_have_seen_no_version_of_it(
    store: Store,
) -> None:
    """The pull of the new life may be under way for many pages; version 3 of it is another."""
    third = edited_by_county(head_of(person()), version=3, base=1, hamlet="下坞")
    apply_page(store, "phone-1", answer_of(rows=[third]))
    apply_page(store, "phone-1", answer_of(epoch="e2", restarted=True, more=True))
    edit_person(store, "person-1", {"hamlet": "上坞"})
    apply_page(store, "phone-1", answer_of(rows=[third], epoch="e2"))
    edit_person(store, "person-1", {"house": "9号"})
    assert [c.base for c in outbox.next_batch(store, "phone-1").changes] == [1, 3]


def test_an_edit_begun_before_the_server_was_restored_claims_no_version_of_its_present_life(
    store: Store,
) -> None:
    third = edited_by_county(head_of(person()), version=3, base=1, hamlet="下坞")
    apply_page(store, "phone-1", answer_of(rows=[third]))
    epoch = heads.life_of(store, "person-1")
    apply_page(store, "phone-1", answer_of(rows=[third], epoch="e2"))
    edit_person(store, "person-1", {"hamlet": "上坞"}, base=3, epoch=epoch)
    assert [c.base for c in outbox.next_batch(store, "phone-1").changes] == [1]
