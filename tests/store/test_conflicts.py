"""Two values for one field both stay until a worker picks one, with or without a network (P4)."""

import pytest

from app.domain.errors import BadInput
from app.domain.merge import Candidate, Head, Mark
from app.store import outbox
from app.store.conflicts import open_conflicts, settle_conflicts
from app.store.inbox import apply_page
from app.store.store import Store
from tests.fakes import answer_of, head_of, person

FIELD = "phones/13900000000"
OURS = Candidate(Mark(3, 30, "phone-2", 4, "worker-2"), "本人")
THEIRS = Candidate(Mark(2, 20, "phone-3", 9, "worker-3"), "儿子")


def disputed(*candidates: Candidate, version: int = 3) -> Head:
    plain = head_of(person())
    values = {**plain.values, FIELD: candidates[0].value}
    return Head("person", "person-1", version, values, plain.first, {FIELD: candidates})


def test_a_conflict_lists_every_value_with_who_and_when(store: Store) -> None:
    assert open_conflicts(store) == []
    apply_page(store, "phone-1", answer_of(rows=[disputed(OURS, THEIRS)]))
    (conflict,) = open_conflicts(store)
    assert (conflict.record, conflict.field, conflict.candidates) == ("person-1", FIELD, (OURS, THEIRS))


@pytest.mark.parametrize("choice", ["本人", "儿子"])
def test_picking_a_value_settles_it_by_an_ordinary_change(store: Store, choice: str) -> None:
    apply_page(store, "phone-1", answer_of(rows=[disputed(OURS, THEIRS)]))
    settle_conflicts(store, "person-1", {FIELD: choice})
    (change,) = outbox.next_batch(store, "phone-1").changes
    assert (change.kind, change.base, change.fields) == ("patch", 3, {FIELD: choice})
    assert open_conflicts(store) == []


def test_a_value_that_arrives_unseen_opens_the_conflict_again(store: Store) -> None:
    apply_page(store, "phone-1", answer_of(rows=[disputed(OURS, THEIRS)]))
    settle_conflicts(store, "person-1", {FIELD: "儿子"})
    late = Candidate(Mark(4, 40, "phone-4", 1, "worker-4"), "女儿")
    apply_page(store, "phone-1", answer_of(rows=[disputed(late, OURS, THEIRS, version=4)]))
    (conflict,) = open_conflicts(store)
    assert sorted(candidate.value for candidate in conflict.candidates) == ["儿子", "女儿"]


def test_what_is_no_candidate_or_no_conflict_is_refused_in_words(store: Store) -> None:
    with pytest.raises(BadInput, match="已经一致"):
        settle_conflicts(store, "person-1", {FIELD: "本人"})
    apply_page(store, "phone-1", answer_of(rows=[disputed(OURS, THEIRS)]))
    with pytest.raises(BadInput, match="选一个"):
        settle_conflicts(store, "person-1", {FIELD: "邻居"})
    assert outbox.waiting(store).changes == 0
