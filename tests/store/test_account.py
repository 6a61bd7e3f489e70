from pathlib import Path

import pytest

from app.domain.errors import WireError
from app.store import outbox
from app.store.account import (
    SignedIn,
    is_session_expired,
    keep_sign_in,
    mark_session_expired,
    signed_in,
)
from app.store.store import Store, open_store
from app.store.visits import record_visit
from tests.fakes import OTHER_VILLAGE, VILLAGE, FakeClock, campaign, sign_in_answer, visit_to


def test_who_is_signed_in_outlives_the_process(tmp_path: Path) -> None:
    first = open_store(tmp_path / "phone.db", now_ms=FakeClock())
    assert signed_in(first) is None
    keep_sign_in(first, sign_in_answer(), "https://server.test")
    first.close()
    second = open_store(tmp_path / "phone.db", now_ms=FakeClock())
    assert signed_in(second) == SignedIn(
        device="phone-1",
        token="token-of-phone-1",
        account_id="worker-1",
        account_name="周岚",
        role="RECORDER",
        organisation=VILLAGE,
        organisation_name="清水村",
        villages=(VILLAGE, OTHER_VILLAGE),
        campaign=campaign(),
        server_url="https://server.test",
    )


def test_an_expired_session_stops_no_recording_and_loses_nothing(store: Store) -> None:
    record_visit(store, visit_to("person-1"))
    mark_session_expired(store)
    mark_session_expired(store)
    record_visit(store, visit_to("person-1"))
    assert (is_session_expired(store), outbox.waiting(store).changes) == (True, 2)
    keep_sign_in(store, sign_in_answer(device="phone-2"), "https://server.test")
    assert (is_session_expired(store), outbox.waiting(store).changes) == (False, 2)


def test_a_newer_servers_campaign_is_taken_for_what_is_known_of_it(store: Store) -> None:
    answer = sign_in_answer()
    known = answer["campaign"]
    limits, methods = known["limits"] | {"new_fen": 1}, [each | {"new": True} for each in known["methods"]]
    answer["campaign"] = known | {"new": {"a": 1}, "limits": limits, "methods": methods}
    assert keep_sign_in(store, answer, "https://server.test").campaign == campaign()


@pytest.mark.parametrize("missing", ["device", "token", "account", "organisation", "villages", "campaign"])
def test_an_answer_that_is_none_changes_nothing(store: Store, missing: str) -> None:
    before = signed_in(store)
    answer = {name: value for name, value in sign_in_answer(device="phone-2").items() if name != missing}
    with pytest.raises(WireError):
        keep_sign_in(store, answer, "https://server.test")
    assert signed_in(store) == before
