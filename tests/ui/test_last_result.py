"""What 记录 says about the last sync is true, complete and without system talk."""

from __future__ import annotations

import pytest

from app.domain.wire import Receipt
from app.store.account import keep_sign_in
from app.store.inbox import apply_page
from app.store.results import SyncResult, note_result
from app.store.store import Store
from app.store.visits import record_visit
from app.sync.status import Progress, SyncStatus
from app.ui.parts.last_result import progress_words, result_words, size_words
from tests.fakes import NOON, FakeClock, answer_of, sign_in_answer, visit_to
from tests.ui.conftest import opened, run, session_over


@pytest.mark.parametrize(
    ("result", "reason", "said"),
    [
        (SyncResult(NOON, visits=12), None, "12 次走访 14:05 已送到"),
        (
            SyncResult(NOON, visits=12, refused=1),
            "慰问金超过上限",
            "12 次走访 14:05 已送到；1 次没收下：慰问金超过上限",
        ),
        # Put right since: nothing is to be said of it any more.
        (SyncResult(NOON, visits=12, refused=1), None, "12 次走访 14:05 已送到"),
        (SyncResult(NOON, others=2), None, "2 处改动 14:05 已送到"),
        (
            SyncResult(NOON, visits=2, needs=1, others=1),
            None,
            "2 次走访、1 条困难 14:05 已送到；另有 1 处改动也送到了",
        ),
        (
            SyncResult(NOON, visits=5, left=7, failure="no_answer"),
            None,
            "5 次走访 14:05 已送到；还有 7 次没送到：县里网络没应答，过一会自动再试",
        ),
        (SyncResult(NOON, failure="signed_out"), None, "14:05 没传成：要重新登录"),
        (SyncResult(NOON), None, "14:05 查过，没有要传的"),
    ],
    ids=[
        "all received", "one refused", "refused and mended", "only edits", "all kinds", "cut short",
        "expired", "idle",
    ],
)  # fmt: skip
def test_the_last_result_in_words(result: SyncResult, reason: str | None, said: str) -> None:
    assert result_words("zh", result, at="14:05", reason=reason) == said


def test_every_reason_for_a_failure_has_words() -> None:
    for failure in ("no_answer", "signed_out", "old_app", "old_server", "full"):
        assert result_words("en", SyncResult(NOON, failure=failure), at="14:05", reason=None)


def test_progress_in_words_counts_records_and_bytes() -> None:
    progress = Progress(
        answered=120, changes=350, answered_bytes=65_536, changes_bytes=194_560, rows=812, rows_bytes=400
    )
    assert progress_words("zh", progress) == "正在传 120 / 350 条，64 KB / 190 KB；已收到 812 条，0.4 KB"
    assert [size_words(n) for n in (0, 400, 65_536, 1_780_000)] == ["0 KB", "0.4 KB", "64 KB", "1.7 MB"]


def test_that_nothing_was_to_be_sent_is_not_said_while_something_waits(
    store: Store, clock: FakeClock
) -> None:
    note_result(store, SyncResult(NOON))

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/records")
        assert "今天 12:00 查过，没有要传的" in phone.texts()
        record_visit(store, visit_to("p-li"))
        await phone.settle()
        assert "今天 12:00 查过，没有要传的" not in phone.texts()

    run(body)


def test_records_shows_the_result_the_progress_and_what_of_others_waits(
    store: Store, clock: FakeClock
) -> None:
    for _ in range(2):
        record_visit(store, visit_to("p-li"))
    receipts = [
        Receipt(seq=1, status="accepted", version=1, ref="R"),
        Receipt(seq=2, status="quarantined", code="over_limit", message="慰问金超过上限。没有丢。"),
    ]
    apply_page(store, "phone-1", answer_of(receipts=receipts, have=2))
    note_result(store, SyncResult(NOON, visits=1, refused=1))

    async def body() -> None:
        session = session_over(store, clock)
        phone = await opened(session, "/records")
        assert "1 次走访 今天 12:00 已送到；1 次没收下：慰问金超过上限" in phone.texts()
        session.net.status = SyncStatus(phase="sending", progress=Progress(changes=3, changes_bytes=2048))
        await phone.settle()
        assert "正在传 0 / 3 条，0 KB / 2.0 KB" in phone.texts()
        session.net.status = SyncStatus()
        record_visit(store, visit_to("p-li"))
        account = {"id": "worker-2", "name": "吴桐", "role": "RECORDER"}
        keep_sign_in(store, {**sign_in_answer(), "account": account}, "https://server.test")
        await phone.settle()
        assert "本机别人还有 1 条没送到，会一起传。" in phone.texts()
        # What came of the first one's work is nothing to the second.
        assert not [said for said in phone.texts() if "已送到" in said]

    run(body)
