"""An account is taken off a shared phone once nothing of it waits; its number is never another's."""

from typing import Any

import pytest

from app.domain.errors import BadInput
from app.domain.wire import Receipt
from app.store.account import (
    enrolled,
    keep_new_device,
    keep_sign_in,
    mark_session_expired,
    signed_in,
    villages_of_others,
)
from app.store.drafts import drop_draft, keep_draft
from app.store.enrolment import sign_out, switch_to, take_off, workers_here
from app.store.inbox import apply_page, feed_state
from app.store.index import people_index
from app.store.prefs import pref, set_pref
from app.store.records import totals
from app.store.store import Store
from app.store.taken_off import TakenOff, note_told, taken_off, to_be_told
from app.store.visits import record_visit
from tests.fakes import (
    NOON,
    OTHER_VILLAGE,
    VILLAGE,
    answer_of,
    head_of,
    person,
    sign_in_answer,
    visit_to,
)

SERVER = "https://server.test"
FIRST = sign_in_answer(villages=[VILLAGE])


def of(number: int, *, device: str = "phone-1") -> dict[str, Any]:
    """What the server says when worker `number` of the other village signs in on the phone."""
    account = {"id": f"worker-{number}", "name": "吴桐", "role": "RECORDER"}
    return {**sign_in_answer(device=device, villages=[OTHER_VILLAGE]), "account": account}


def numbers(store: Store) -> dict[str, int]:
    return {one.account.account_id: one.number for one in enrolled(store)}


@pytest.fixture
def shared(store: Store) -> Store:
    """A phone of worker-1, who holds it, and worker-2 of the other village."""
    for answer in (FIRST, of(2)):
        keep_sign_in(store, answer, SERVER)
    theirs = person("person-2", village=OTHER_VILLAGE)
    apply_page(store, "phone-1", answer_of(rows=[head_of(person()), head_of(theirs)], cursor="c2"))
    switch_to(store, "worker-1")
    return store


def test_he_is_off_at_once_and_the_server_is_to_be_told(shared: Store) -> None:
    take_off(shared, "worker-2")
    gone = TakenOff(2, "worker-2", "phone-1", "token-of-phone-1", SERVER, (OTHER_VILLAGE,), NOON)
    assert [worker.account_id for worker in workers_here(shared)] == ["worker-1"]
    assert (to_be_told(shared), taken_off(shared)) == ([gone], [gone])
    note_told(shared, gone)
    note_told(shared, gone)
    assert (to_be_told(shared), taken_off(shared)) == ([], [gone])


def test_until_the_server_has_taken_his_villages_away_nobody_else_sees_them(shared: Store) -> None:
    take_off(shared, "worker-2")
    assert (people_index(shared).search(), villages_of_others(shared)) == (["person-1"], {OTHER_VILLAGE})
    apply_page(shared, "phone-1", answer_of(restarted=True, cursor="c3", rows=[head_of(person())]))
    held = shared.db.execute("SELECT record FROM records ORDER BY record").fetchall()
    assert held == [("person-1",)]


@pytest.mark.parametrize("what", ["unsent", "draft"])
def test_while_anything_of_his_waits_he_stays(shared: Store, what: str) -> None:
    switch_to(shared, "worker-2")
    if what == "unsent":
        record_visit(shared, visit_to("person-2"))
    else:
        keep_draft(shared, "person-2", {"note": "写到一半"})
    switch_to(shared, "worker-1")
    with pytest.raises(BadInput, match={"unsent": "还有 1 条没送到", "draft": "还有 1 份没填完"}[what]):
        take_off(shared, "worker-2")
    assert (numbers(shared), to_be_told(shared)) == ({"worker-1": 1, "worker-2": 2}, [])
    switch_to(shared, "worker-2")
    if what == "unsent":
        apply_page(shared, "phone-1", answer_of(receipts=[Receipt(seq=1, status="accepted", version=1)]))
    else:
        drop_draft(shared, "person-2")
    switch_to(shared, "worker-1")
    take_off(shared, "worker-2")


def test_whoever_holds_the_phone_stays_and_whoever_is_not_here_cannot_go(shared: Store) -> None:
    for account, sentence in (("worker-1", "正在用"), ("worker-9", "已经不在本机")):
        with pytest.raises(BadInput, match=sentence):
            take_off(shared, account)
    take_off(shared, "worker-2")
    with pytest.raises(BadInput, match="正在用"):
        take_off(shared, "worker-1")


def test_one_who_signed_out_can_be_taken_off(shared: Store) -> None:
    switch_to(shared, "worker-2")
    sign_out(shared)
    switch_to(shared, "worker-1")
    take_off(shared, "worker-2")
    assert numbers(shared) == {"worker-1": 1}


def test_what_came_under_a_device_id_of_his_own_goes_at_once(store: Store) -> None:
    keep_sign_in(store, FIRST, SERVER)
    mark_session_expired(store)
    keep_sign_in(store, of(2, device="phone-2"), SERVER)
    theirs = person("person-2", village=OTHER_VILLAGE)
    apply_page(store, "phone-2", answer_of(rows=[head_of(theirs)], cursor="c2"))
    switch_to(store, "worker-1")
    take_off(store, "worker-2")
    assert store.db.execute("SELECT record FROM records").fetchall() == [("person-1",)]
    assert [gone.device for gone in to_be_told(store)] == ["phone-2"]


def test_his_number_is_nobody_elses_and_his_again(shared: Store) -> None:
    switch_to(shared, "worker-2")
    record_visit(shared, visit_to("person-2"))
    set_pref(shared, "text_scale", 2.0)
    apply_page(shared, "phone-1", answer_of(receipts=[Receipt(seq=1, status="accepted", version=1)]))
    switch_to(shared, "worker-1")
    take_off(shared, "worker-2")
    keep_sign_in(shared, of(3), SERVER)
    assert (numbers(shared), totals(shared).all) == ({"worker-1": 1, "worker-3": 3}, 0)
    keep_sign_in(shared, of(2), SERVER)
    assert numbers(shared) == {"worker-1": 1, "worker-2": 2, "worker-3": 3}
    assert (totals(shared).received, pref(shared, "text_scale", 1.0), taken_off(shared)) == (1, 1.0, [])
    assert feed_state(shared).cursor is None


def test_a_server_that_went_back_is_told_again_and_a_fresh_id_takes_him_along(shared: Store) -> None:
    take_off(shared, "worker-2")
    note_told(shared, to_be_told(shared)[0])
    apply_page(shared, "phone-1", answer_of(epoch="e2", cursor="c9"))
    assert [gone.device for gone in to_be_told(shared)] == ["phone-1"]
    keep_new_device(shared, "phone-2", "token-of-phone-2")
    assert [(gone.device, gone.token) for gone in to_be_told(shared)] == [("phone-2", "token-of-phone-2")]
    account = signed_in(shared)
    assert account is not None
    assert account.device == "phone-2"
