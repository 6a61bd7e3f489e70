"""Photos on the screens: optional, several, kept with the draft, each with its own state."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import flet as ft
import pytest

from app.domain.wire import Receipt
from app.state.photos import RESERVE_BYTES
from app.state.session import Session
from app.store import photo_files, photos
from app.store.account import keep_sign_in
from app.store.inbox import apply_page
from app.store.outbox import next_batch
from app.store.photos import PhotoState
from app.store.records import recent
from app.store.store import Store
from app.sync.status import PhotoStatus, SyncStatus
from tests.fakes import NOON, FakeClock, answer_of, head_of, person, settled, sign_in_answer
from tests.photo_server import small_jpeg
from tests.ui.conftest import opened, run, session_over
from tests.ui.headless import Phone, check_page

ROW = "照片，可不拍"


async def form_with(session: Session, *files: bytes | None) -> Phone:
    """The form for p-zhang with its photo row open, after `files` were picked."""
    phone = await opened(session, "/roster/visit/p-zhang")
    await phone.tap(ROW)
    session.device.camera.files = list(files)  # type: ignore[attr-defined]
    await phone.tap("选照片")
    await phone.idle()
    return phone


async def saved_with(session: Session, *files: bytes) -> str:
    phone = await form_with(session, *files)
    await phone.tap("方式 上门")
    await phone.tap("结果 见到本人")
    await phone.tap("保存到本机")
    await phone.settle()
    return recent(session.store, limit=1)[0].visit.id


def answered(store: Store) -> None:
    changes = next_batch(store, "phone-1").changes
    receipts = [Receipt(seq=c.seq, status="accepted", version=1) for c in changes]
    apply_page(store, "phone-1", answer_of(receipts=receipts, have=changes[-1].seq))


def test_two_photos_are_saved_with_the_visit_and_shown_on_its_record(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        visit = await saved_with(session, small_jpeg("red"), small_jpeg("blue"))
        phone = await opened(session, f"/records/record/{visit}")
        await phone.idle()
        assert [s for s in phone.spoken() if s.startswith("照片")] == [
            "照片 1 现场：存在本机",
            "照片 2 现场：存在本机",
        ]
        assert len([c for c in phone.walk() if isinstance(c, ft.Image)]) == 2
        check_page(phone, "record")
        first, second = photos.photos_about(store, visit)
        answered(store)
        photo_files.advance(store, first.photo.sha256, sent_bytes=first.photo.size_bytes * 3 // 5, path="/x")
        photo_files.mark_proven(store, second.photo.sha256, "receipt", server_ms=NOON)
        await phone.settle()
        percent = (first.photo.size_bytes * 3 // 5) * 100 // first.photo.size_bytes
        assert [s for s in phone.spoken() if s.startswith("照片")] == [
            f"照片 1 现场：传到 {percent}%",
            "照片 2 现场：市里已收到",
        ]
        await phone.show("/records")
        assert "照片 2 张，市里已收到 1 张" in phone.texts()

    run(body)


def test_nothing_asks_for_a_photo_and_a_visit_without_one_says_nothing_about_it(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        phone = await opened(session, "/roster/visit/p-zhang")
        assert ROW in phone.labels()
        await phone.tap("方式 上门")
        await phone.tap("结果 见到本人")
        await phone.tap("保存到本机")
        await phone.show("/records")
        assert [t for t in phone.texts() if "照片" in t] == []
        assert session.device.camera.takes == 0  # type: ignore[attr-defined]

    run(body)


def test_who_does_not_want_photos_is_not_offered_any(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        apply_page(store, "phone-1", answer_of(rows=[head_of(person("p-no", no_photo=True))]))
        phone = await opened(session_over(store, clock), "/roster/visit/p-no")
        assert [label for label in phone.labels() if label.startswith("照片")] == []

    run(body)


def test_a_visit_can_be_saved_while_its_photo_is_made_small_and_gets_it_then(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        shrinker: Any = session.device.shrinker
        shrinker.go_on.clear()
        phone = await opened(session, "/roster/visit/p-zhang")
        await phone.tap(ROW)
        session.device.camera.files = [small_jpeg()]  # type: ignore[attr-defined]
        picking = asyncio.create_task(phone.tap("选照片"))
        await settled()
        assert "照片，处理中 1 张，可以先存" in phone.labels()
        await phone.tap("方式 上门")
        await phone.tap("结果 见到本人")
        await phone.tap("保存到本机")
        visit = recent(store, limit=1)[0].visit.id
        assert photos.photos_about(store, visit) == []
        shrinker.go_on.set()
        await picking
        await phone.idle()
        (view,) = photos.photos_about(store, visit)
        assert view.state is PhotoState.KEPT

    run(body)


def test_a_draft_keeps_its_photos_over_a_restart(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        await form_with(session, small_jpeg())
        photo_files.forget_unused(store)
        again = session_over(store, clock)
        again.device.blobs.kept = session.device.blobs.kept  # type: ignore[attr-defined]
        phone = await opened(again, "/roster/visit/p-zhang")
        assert "照片，1 张" in phone.labels()
        await phone.tap("照片，1 张")
        await phone.tap("去掉第 1 张照片")
        assert ROW in phone.labels()

    run(body)


def test_publicity_asks_how_consent_was_given_and_saves_nothing_without(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        phone = await form_with(session, small_jpeg())
        await phone.tap("第 1 张是宣传")
        await phone.tap("方式 上门")
        await phone.tap("结果 见到本人")
        await phone.tap("保存到本机")
        await phone.idle()
        assert "宣传用的照片要写下本人怎么同意的" in phone.texts()
        assert phone.scrolled_to()[-1] == "photos"
        assert recent(store, limit=1) == []
        await phone.tap("第 1 张：本人口头同意")
        await phone.tap("保存到本机")
        visit = recent(store, limit=1)[0].visit.id
        (view,) = photos.photos_about(store, visit)
        assert (view.photo.kind, view.photo.consent) == ("PUBLICITY", "本人口头同意")

    run(body)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_row_of_photos_names_every_control_once_in_large_type_and_in_english_too(
    store: Store, clock: FakeClock, scale: float
) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        session.set_look(scale=scale)
        phone = await form_with(session, small_jpeg("red"), small_jpeg("blue"))
        await phone.tap("第 2 张是宣传")
        check_page(phone, "form")
        session.set_look(language="en")
        await phone.settle()
        check_page(phone, "form in English")
        assert {"Photo 1 is: Document", "Remove photo 2", "Photo 2: agreed by word"} <= set(phone.labels())

    run(body)


def test_what_is_no_photo_is_said_in_the_row_and_the_others_are_kept(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await form_with(session_over(store, clock), b"text", None, small_jpeg())
        assert "文件太大（超过 60 MB），没有加上。请换小一些的。" in phone.texts()
        assert "照片，1 张" in phone.labels()

    run(body)


def test_a_full_phone_is_said_before_and_refuses_the_photo_but_not_the_visit(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        session.device.blobs.room_bytes = RESERVE_BYTES + 100  # type: ignore[attr-defined]
        phone = await form_with(session, small_jpeg())
        assert "手机快满了，照片先别拍，走访照样能记" in phone.texts()
        assert "手机满了，这张照片没有存上。走访照样能存。" in phone.texts()
        await phone.tap("方式 上门")
        await phone.tap("结果 见到本人")
        await phone.tap("保存到本机")
        assert len(recent(store, limit=5)) == 1

    run(body)


def test_a_refused_photo_says_why_and_can_be_sent_again_or_taken_back(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        visit = await saved_with(session, small_jpeg())
        answered(store)
        (view,) = photos.photos_about(store, visit)
        photo_files.mark_refused(store, view.photo.sha256, "照片太大。")
        phone = await opened(session, f"/records/record/{visit}")
        assert "照片 1 现场：没收下：照片太大。" in phone.spoken()
        await phone.tap("重传第 1 张照片")
        assert "照片 1 现场：存在本机" in phone.spoken()
        await phone.tap("去掉第 1 张照片")
        assert [s for s in phone.spoken() if s.startswith("照片")] == []

    run(body)


def test_waiting_for_wifi_is_said_with_its_size_and_can_be_overruled(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        await saved_with(session, small_jpeg())
        session.net.status = SyncStatus(photos=PhotoStatus("held"))
        asked: list[str] = []
        session.wake = asked.append  # type: ignore[method-assign]
        phone = await opened(session, "/records")
        (size,) = store.db.execute("SELECT size_bytes FROM photo_files").fetchone()
        assert f"照片等 Wi-Fi 再传，共 {size / 1024:.1f} KB" in phone.texts()
        await phone.tap("照片现在就传")
        assert asked == ["photos"]
        session.net.status = SyncStatus(photos=PhotoStatus("held", is_kind_known=False))
        phone = await opened(session, "/records")
        assert f"看不出现在是不是 Wi-Fi，照片先不传，共 {size / 1024:.1f} KB" in phone.texts()

    run(body)


@pytest.mark.parametrize(("label", "name", "before"), [
    ("照片只用 Wi-Fi 传", "is_wifi_only", True),
    ("照片上写日期和乡镇", "is_marked", False),
])  # fmt: skip
def test_the_switches_of_me_hold(store: Store, clock: FakeClock, label: str, name: str, before: bool) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        phone = await opened(session, "/me")
        assert phone.is_checked(label) is before
        await phone.tap(label)
        assert phone.is_checked(label) is not before
        assert getattr(session.photos, name)() is not before

    run(body)


def test_the_watermark_is_the_day_and_never_finer_than_a_township(store: Store, clock: FakeClock) -> None:
    session = session_over(store, clock)
    assert session.photos.watermark() == ""
    session.photos.set_marked(True)
    assert session.photos.watermark() == f"{datetime.fromtimestamp(NOON / 1000, UTC):%Y-%m-%d}"


def test_a_photo_that_is_ready_after_the_worker_has_left_the_form_is_in_the_draft(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        shrinker: Any = session.device.shrinker
        shrinker.go_on.clear()
        phone = await opened(session, "/roster/visit/p-zhang")
        await phone.tap(ROW)
        session.device.camera.files = [small_jpeg()]  # type: ignore[attr-defined]
        picking = asyncio.create_task(phone.tap("选照片"))
        await settled()
        await phone.tap("返回")
        shrinker.go_on.set()
        await picking
        await phone.idle()
        phone = await opened(session, "/roster/visit/p-zhang")
        assert "照片，1 张" in phone.labels()

    run(body)


def test_a_photo_does_not_follow_the_phone_into_another_workers_hands(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        shrinker: Any = session.device.shrinker
        shrinker.go_on.clear()
        phone = await opened(session, "/roster/visit/p-zhang")
        await phone.tap(ROW)
        session.device.camera.files = [small_jpeg()]  # type: ignore[attr-defined]
        picking = asyncio.create_task(phone.tap("选照片"))
        await settled()
        answer = sign_in_answer()
        answer["account"] = {"id": "worker-2", "name": "吴萍", "role": "RECORDER"}
        keep_sign_in(store, answer, "https://server.test")
        shrinker.go_on.set()
        await picking
        assert store.db.execute("SELECT COUNT(*) FROM drafts").fetchone() == (0,)
        assert photos.photo_counts(store, ["p-zhang"]) == {}

    run(body)
