import json
from datetime import UTC, datetime

import pytest

from app.domain.errors import BadInput, TooLateToUndo, UnknownRecord
from app.domain.models import Need, Visit
from app.store import drafts, outbox
from app.store.inbox import apply_page
from app.store.needs import needs_here
from app.store.outbox import RecordState
from app.store.people import person_view
from app.store.store import Store
from app.store.visits import NewNeed, record_visit, undo_visit, visits_of
from tests.fakes import NOON, VILLAGE, FakeClock, answer_of, head_of, visit_to


def rows(store: Store, table: str) -> int:
    return store.db[table].count


def test_a_saved_visit_stands_with_its_need_and_both_outbox_entries(store: Store) -> None:
    visit = record_visit(
        store,
        visit_to(
            "person-1",
            checklist=("POLICY_BRIEFING", "LAW_DELIVERY"),
            note="家里都好",
            cash_fen=50000,
            needs=(NewNeed("HOUSING", "3", "屋顶漏雨"),),
        ),
    )
    noon = datetime.fromtimestamp(NOON / 1000, UTC)
    assert [view.visit for view in visits_of(store, "person-1")] == [
        Visit(
            id=visit,
            campaign="lishui-2022",
            person="person-1",
            organisation=VILLAGE,
            performer="worker-1",
            method="HOME",
            result="MET_SELF",
            at=noon,
            saved_at=noon,
            checklist=("LAW_DELIVERY", "POLICY_BRIEFING"),
            note="家里都好",
            cash_fen=50000,
        )
    ]
    (need,) = [view.need for view in needs_here(store)]
    assert need == Need(
        id=need.id,
        campaign="lishui-2022",
        person="person-1",
        visit=visit,
        organisation=VILLAGE,
        type="HOUSING",
        severity="3",
        words="屋顶漏雨",
        found_at=noon,
    )
    batch = outbox.next_batch(store, "phone-1")
    assert [(c.seq, c.entity, c.record, c.kind, c.base) for c in batch.changes] == [
        (1, "visit", visit, "create", 0),
        (2, "need", need.id, "create", 0),
    ]


def test_saving_drops_the_draft_in_the_same_transaction(store: Store) -> None:
    drafts.keep_draft(store, "person-1", {"note": "没写完"})
    record_visit(store, visit_to("person-1"))
    assert drafts.draft_of(store, "person-1") is None


def test_a_save_that_fails_half_way_leaves_no_visit_no_entry_no_used_number_and_the_draft(
    store: Store,
) -> None:
    drafts.keep_draft(store, "person-1", {"note": "没写完"})
    store.db.execute(
        "CREATE TRIGGER no_second BEFORE INSERT ON records WHEN NEW.entity = 'need' "
        "BEGIN SELECT RAISE(ABORT, 'stopped'); END"
    )
    with pytest.raises(Exception, match="没能完成"):
        record_visit(store, visit_to("person-1", needs=(NewNeed("LIVING", "1"),)))
    store.db.execute("DROP TRIGGER no_second")
    assert (visits_of(store, "person-1"), rows(store, "outbox")) == ([], 0)
    assert drafts.draft_of(store, "person-1") == {"note": "没写完"}
    record_visit(store, visit_to("person-1"))
    assert [c.seq for c in outbox.next_batch(store, "phone-1").changes] == [1]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        pytest.param({"method": "PIGEON"}, "method", id="unknown method"),
        pytest.param({"result": "MAYBE"}, "result", id="unknown result"),
        pytest.param({"checklist": ("DANCED",)}, "checklist", id="unknown checklist item"),
        pytest.param({"at": datetime(2022, 7, 28)}, "at", id="time without a zone"),
    ],
)
def test_what_no_visit_can_be_is_refused_before_anything_is_written(
    store: Store, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(BadInput) as fault:
        record_visit(store, visit_to("person-1", **wrong))
    assert (fault.value.field, rows(store, "outbox")) == (field, 0)


def test_a_visit_to_somebody_who_is_not_here_is_refused(store: Store) -> None:
    with pytest.raises(UnknownRecord):
        record_visit(store, visit_to("nobody"))


def test_an_undone_visit_is_not_shown_or_counted_and_its_undo_is_a_change_of_its_own(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1", needs=(NewNeed("LIVING", "1"),)))
    assert person_view(store, "person-1").visited
    undo_visit(store, visit)
    view = person_view(store, "person-1")
    assert (view.visited, view.last, view.visits_count, view.has_open_need) == (False, None, 0, False)
    assert needs_here(store) == []
    changes = outbox.next_batch(store, "phone-1").changes
    assert [(c.seq, c.entity, c.kind) for c in changes] == [
        (1, "visit", "create"),
        (2, "need", "create"),
        (3, "visit", "void"),
        (4, "need", "void"),
    ]


def test_undoing_twice_says_it_once(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1"))
    undo_visit(store, visit)
    undo_visit(store, visit)
    assert len(outbox.next_batch(store, "phone-1").changes) == 2


def test_undo_ends_24_hours_after_saving(store: Store, clock: FakeClock) -> None:
    visit = record_visit(store, visit_to("person-1"))
    clock.go_on(days=1, ms=1)
    with pytest.raises(TooLateToUndo):
        undo_visit(store, visit)
    clock.go_on(ms=-1)
    undo_visit(store, visit)
    assert visits_of(store, "person-1") == []


def test_somebody_elses_visit_cannot_be_undone_here(store: Store) -> None:
    noon = datetime.fromtimestamp(NOON / 1000, UTC)
    theirs = Visit(
        id="visit-9",
        campaign="lishui-2022",
        person="person-1",
        organisation="331121",
        performer="worker-9",
        method="PHONE",
        result="MET_FAMILY",
        at=noon,
        saved_at=noon,
    )
    apply_page(store, "phone-1", answer_of(rows=[head_of(theirs)]))
    with pytest.raises(UnknownRecord):
        undo_visit(store, "visit-9")
    (view,) = visits_of(store, "person-1")
    assert (view.is_mine, view.state, view.performer_label) == (False, RecordState.RECEIVED, "县里")
    assert person_view(store, "person-1").visited


def test_a_death_found_on_a_visit_is_derived_and_its_undo_takes_it_back(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1", result="DECEASED"))
    assert person_view(store, "person-1").is_deceased
    undo_visit(store, visit)
    assert not person_view(store, "person-1").is_deceased


def test_numbers_have_no_holes_and_stamps_rise_when_the_clock_is_set_back(
    store: Store, clock: FakeClock
) -> None:
    record_visit(store, visit_to("person-1"))
    clock.go_on(days=-400)
    record_visit(store, visit_to("person-1"))
    record_visit(store, visit_to("person-1"))
    changes = outbox.next_batch(store, "phone-1").changes
    assert [c.seq for c in changes] == [1, 2, 3]
    assert sorted({c.hlc for c in changes}) == [c.hlc for c in changes]


def test_no_word_about_a_person_lies_outside_a_sealed_column(store: Store) -> None:
    """Sealing later changes the codec alone, so every other column must be free of particulars."""
    drafts.keep_draft(store, "person-1", {"note": "想找工作"})
    record_visit(
        store, visit_to("person-1", note="屋顶漏雨", goods="大米", needs=(NewNeed("HOUSING", "2", "漏雨"),))
    )
    drafts.keep_draft(store, "person-1", {"note": "想找工作"})
    sealed = {"head", "shown", "change", "refusal", "form", "account"}
    plain = [
        row[column]
        for table in ("records", "outbox", "drafts", "accounts", "feed", "numbering", "prefs")
        for row in store.db[table].rows
        for column in row.keys() - sealed
    ]
    text = json.dumps([value for value in plain if value is not None], ensure_ascii=False)
    assert [
        word for word in ("单小满", "漏雨", "大米", "工作", "HOUSING", "MET_SELF", "token") if word in text
    ] == []
