"""Several workers share a phone: one outbox, but each has his own drafts, choices and records."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import BadInput
from app.store import outbox
from app.store.account import (
    keep_new_device,
    keep_sign_in,
    mark_session_expired,
    sending_account,
    signed_in,
)
from app.store.drafts import draft_of, keep_draft
from app.store.enrolment import enrolling_token, sign_out, switch_to, unsent_of_others, workers_here
from app.store.inbox import apply_page, feed_state
from app.store.index import people_index
from app.store.outbox import RecordState
from app.store.prefs import pref, set_pref
from app.store.records import totals
from app.store.schema import MIGRATIONS
from app.store.store import Store, open_store
from app.store.visits import record_visit, visits_of
from tests.fakes import (
    OTHER_VILLAGE,
    VILLAGE,
    FakeClock,
    answer_of,
    head_of,
    person,
    sign_in_answer,
    visit_to,
)

SERVER = "https://server.test"


def second(**more: Any) -> dict[str, Any]:
    """What the server says when worker-2 of the other village is enrolled on phone-1."""
    account = {"id": "worker-2", "name": "吴桐", "role": "RECORDER"}
    return {**sign_in_answer(villages=[OTHER_VILLAGE]), "account": account, **more}


def waiting(store: Store) -> list[tuple[str, int, str]]:
    found = []
    for device in ("phone-1", "phone-2"):
        batch = outbox.next_batch(store, device)
        found += [(change.device, change.seq, change.actor) for change in batch.changes]
    return found


def people_of(store: Store) -> list[str]:
    rows = store.db.execute("SELECT record FROM records WHERE entity = 'person' AND is_gone = 0").fetchall()
    return [record for (record,) in rows]


def test_a_second_worker_shares_the_numbers_and_is_named_on_what_he_saves(store: Store) -> None:
    record_visit(store, visit_to("person-1"))
    keep_sign_in(store, second(), SERVER)
    record_visit(store, visit_to("person-1"))
    switch_to(store, "worker-1")
    record_visit(store, visit_to("person-1"))
    assert waiting(store) == [
        ("phone-1", 1, "worker-1"),
        ("phone-1", 2, "worker-2"),
        ("phone-1", 3, "worker-1"),
    ]
    assert [worker.account_name for worker in workers_here(store)] == ["周岚", "吴桐"]
    assert (totals(store).saved, unsent_of_others(store)) == (2, 1)


def test_workers_do_not_see_each_others_drafts_and_choices(store: Store) -> None:
    keep_draft(store, "person-1", {"note": "周岚写的"})
    set_pref(store, "text_scale", 2.0)
    keep_sign_in(store, second(), SERVER)
    assert (draft_of(store, "person-1"), pref(store, "text_scale", 1.0)) == (None, 1.0)
    keep_draft(store, "person-1", {"note": "吴桐写的"})
    switch_to(store, "worker-1")
    assert (draft_of(store, "person-1"), pref(store, "text_scale", 1.0)) == ({"note": "周岚写的"}, 2.0)


def test_each_worker_sees_the_people_of_his_own_villages(store: Store) -> None:
    keep_sign_in(store, sign_in_answer(villages=[VILLAGE]), SERVER)
    keep_sign_in(store, second(), SERVER)
    both = [head_of(person("person-1")), head_of(person("person-2", village=OTHER_VILLAGE))]
    apply_page(store, "phone-1", answer_of(rows=both, cursor="c2"))
    assert people_index(store).search() == ["person-2"]
    switch_to(store, "worker-1")
    assert people_index(store).search() == ["person-1"]


def test_what_the_pull_after_an_enrolment_does_not_bring_is_gone(store: Store) -> None:
    keep_sign_in(store, second(), SERVER)
    apply_page(store, "phone-1", answer_of(cursor="c2"))  # the first one's station has moved meanwhile
    assert store.db.execute("SELECT record FROM records").fetchall() == []


def test_a_visit_of_a_colleague_of_this_phone_is_shown_and_is_not_ones_own(store: Store) -> None:
    record_visit(store, visit_to("person-1"))
    keep_sign_in(store, second(villages=[VILLAGE, OTHER_VILLAGE]), SERVER)
    (view,) = visits_of(store, "person-1")
    assert (view.is_mine, view.state, totals(store).all) == (False, RecordState.SAVED, 0)


def test_the_next_pull_after_an_enrolment_begins_at_the_start(store: Store) -> None:
    assert feed_state(store).cursor == "c1"
    keep_sign_in(store, second(), SERVER)
    assert feed_state(store).cursor is None
    apply_page(store, "phone-1", answer_of(rows=[head_of(person("person-1"))], cursor="c2"))
    switch_to(store, "worker-1")
    assert (feed_state(store).cursor, people_index(store).search()) == ("c2", ["person-1"])


def test_what_that_pull_does_not_bring_is_nobodys_here_any_more(store: Store) -> None:
    """His station changed while his session was over, and the sign-in gave the phone another id."""
    mark_session_expired(store)
    keep_sign_in(store, second(device="phone-2", token="token-of-phone-2"), SERVER)
    apply_page(store, "phone-2", answer_of(cursor="c2"))
    assert len(people_of(store)) == 1  # the first worker's, who may sign in again
    moved = sign_in_answer(device="phone-3", villages=[OTHER_VILLAGE])
    keep_sign_in(store, moved, SERVER)
    apply_page(store, "phone-3", answer_of(cursor="c3"))
    assert people_of(store) == []


def test_an_account_signed_out_with_unsent_work_keeps_it_and_its_drafts(store: Store) -> None:
    record_visit(store, visit_to("person-1"))
    keep_draft(store, "person-1", {"note": "半句"})
    sign_out(store)
    assert (signed_in(store), workers_here(store), sending_account(store)) == (None, [], None)
    keep_sign_in(store, second(), SERVER)
    assert waiting(store) == [("phone-1", 1, "worker-1")]
    with pytest.raises(BadInput, match="已经退出"):
        switch_to(store, "worker-1")
    keep_sign_in(store, sign_in_answer(), SERVER)
    assert (draft_of(store, "person-1"), totals(store).saved) == ({"note": "半句"}, 1)


def test_the_session_of_any_worker_carries_the_outbox(store: Store) -> None:
    keep_sign_in(store, second(), SERVER)
    sign_out(store)
    account = sending_account(store)
    assert account is not None
    assert (account.account_id, account.token) == ("worker-1", "token-of-phone-1")


def test_a_sign_in_that_made_another_device_leaves_the_first_workers_work_under_its_own(
    store: Store,
) -> None:
    record_visit(store, visit_to("person-1"))
    mark_session_expired(store)
    keep_sign_in(store, second(device="phone-2", token="token-of-phone-2"), SERVER)
    record_visit(store, visit_to("person-1"))
    assert waiting(store) == [("phone-1", 1, "worker-1"), ("phone-2", 1, "worker-2")]
    keep_sign_in(store, sign_in_answer(device="phone-2"), SERVER)
    assert waiting(store) == [("phone-2", 1, "worker-2"), ("phone-2", 2, "worker-1")]


def test_a_fresh_device_id_is_everybodys(store: Store) -> None:
    record_visit(store, visit_to("person-1"))
    keep_sign_in(store, second(), SERVER)
    record_visit(store, visit_to("person-1"))
    keep_new_device(store, "phone-2", "token-of-phone-2")
    assert waiting(store) == [("phone-2", 1, "worker-1"), ("phone-2", 2, "worker-2")]
    assert {worker.device for worker in workers_here(store)} == {"phone-2"}


def test_the_next_worker_is_enrolled_with_a_token_of_this_server_that_still_holds(store: Store) -> None:
    assert enrolling_token(store, SERVER) == "token-of-phone-1"
    assert enrolling_token(store, "https://other.test") == ""
    apply_page(store, "phone-1", answer_of(is_revoked=True))
    assert enrolling_token(store, SERVER) == ""
    apply_page(store, "phone-1", answer_of())
    mark_session_expired(store)
    assert enrolling_token(store, SERVER) == ""


def test_an_app_update_keeps_drafts_choices_account_and_unsent_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, clock = tmp_path / "phone.db", FakeClock()
    newer = MIGRATIONS._migrations
    known = [step for step in newer if step.name < "m006"]
    with monkeypatch.context() as older:
        older.setattr(MIGRATIONS, "_migrations", known)
        store = open_store(path, now_ms=clock)
    codec, db = store.codec, store.db
    account = json.dumps({"answer": sign_in_answer(), "server_url": SERVER})
    blob = codec.seal([account, '{"note": "写到一半"}'])
    change = codec.seal(['{"actor": "worker-1", "fields": {}}'])
    with store.transaction():
        db.execute("INSERT INTO accounts (id, account) VALUES (1, ?)", blob[:1])
        db.execute("INSERT INTO drafts (person, kept_at, form) VALUES ('person-1', 1, ?)", blob[1:])
        db.execute("INSERT INTO prefs (name, value) VALUES ('text_scale', '1.5')")
        db.execute("INSERT INTO numbering VALUES ('phone-1', 1, 1)")
        db.execute(
            "INSERT INTO outbox (device, seq, record, entity, kind, base, hlc, about, change, size_bytes, "
            "saved_at) VALUES ('phone-1', 1, 'v', 'visit', 'create', 0, 1, 'v', ?, 9, 1)",
            change,
        )
    store.close()
    updated = open_store(path, now_ms=clock)
    assert [(worker.account_id, worker.device) for worker in workers_here(updated)] == [
        ("worker-1", "phone-1")
    ]
    assert draft_of(updated, "person-1") == {"note": "写到一半"}
    assert pref(updated, "text_scale", 1.0) == 1.5
    assert (totals(updated).saved, waiting(updated)) == (1, [("phone-1", 1, "worker-1")])
    updated.close()
