"""What is known to have gone wrong in the field with products of this kind, one test each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select
from sqlite_utils import Database as Tables

from app.domain.errors import NotSignedIn, StorageFull, WireError
from app.store.account import is_session_expired, mark_session_expired, signed_in_account
from app.store.codec import PlainCodec
from app.store.conflicts import open_conflicts
from app.store.drafts import draft_of
from app.store.index import people_index
from app.store.mending import amend_visit, mend_visit
from app.store.newcomers import add_person, likely_duplicates
from app.store.outbox import RecordState, waiting
from app.store.people import edit_person, person_view
from app.store.records import Totals, recent, totals
from app.store.schema import MIGRATIONS
from app.store.store import open_store
from app.store.visits import NewNeed, record_visit, undo_visit, visits_of
from app.sync.loop import SyncLoop
from sync_server.db.engine import writing
from sync_server.db.tables import campaigns, changes, devices, heads, visit_facts
from sync_server.records.accounts import revoke_device
from tests.fakes import DAY_MS, VILLAGE, FakeClock, FakeNetwork, FakeSleep, settled, visit_to
from tests.regressions.phones import Phone, cut, release_what_waits, whole

MakePhone = Callable[..., Phone]
# An app of an earlier version has not made this step yet.
OLD_VERSIONS = ("m004_account_and_feed", "m005_removal_and_mending", "m006_shared_phone")


class _NotSignedIn:
    """A client whose token is worth nothing any more."""

    protocol = 2

    async def exchange(self, *_: object) -> None:
        raise NotSignedIn("登录已失效，请重新登录。")

    async def close(self) -> None:
        """Nothing is open."""


def visits_on(engine: Engine) -> dict[str, int]:
    """Every visit that the server holds, and its version."""
    with engine.connect() as connection:
        query = select(heads.c.record, heads.c.version).where(heads.c.entity == "visit")
        return dict(map(tuple, connection.execute(query)))


def shown(phone: Phone) -> set[str]:
    return {view.visit.id for view in visits_of(phone.store, "person-1")}


def test_a_truncated_pull_wipes_nothing(make_phone: MakePhone, clerk: object) -> None:
    phone = make_phone()
    visit = record_visit(phone.store, visit_to("person-1"))
    colleague = make_phone("colleague", seed=2)
    theirs = record_visit(colleague.store, visit_to("person-1", method="PHONE"))
    colleague.sync()

    with pytest.raises(WireError):
        phone.sync(spoil=cut)
    assert (people_index(phone.store).search(), shown(phone)) == (["person-1"], {visit})

    phone.sync()
    assert shown(phone) == {visit, theirs}


def test_an_edit_made_while_the_answer_was_lost_is_not_lost(make_phone: MakePhone) -> None:
    """Sent, taken by the server, the answer cut; then the worker goes on with the same record."""
    phone = make_phone()
    edit_person(phone.store, "person-1", {"house": "12号"})
    with pytest.raises(WireError):
        phone.sync(spoil=cut)
    edit_person(phone.store, "person-1", {"house": "14号", "note": "白天在家"})
    phone.sync()

    colleague = make_phone("colleague", seed=2)
    person = person_view(colleague.store, "person-1").person
    assert (person.house, person.note, open_conflicts(colleague.store)) == ("14号", "白天在家", [])
    assert waiting(phone.store).changes == 0


def test_an_account_signed_out_with_unsent_work_keeps_it(make_phone: MakePhone, engine: Engine) -> None:
    phone = make_phone()
    visit = record_visit(phone.store, visit_to("person-1", needs=(NewNeed("HOUSING", "2", "漏雨"),)))
    mark_session_expired(phone.store)
    assert totals(phone.store) == Totals(saved=1, sent=0, received=0, refused=0, undone=0)

    phone.sign_in()
    phone.sync()
    assert totals(phone.store) == Totals(saved=0, sent=0, received=1, refused=0, undone=0)
    assert visits_on(engine).keys() == {visit}


def test_a_token_that_expired_while_offline_stops_nothing(make_phone: MakePhone, engine: Engine) -> None:
    phone = make_phone()
    before = record_visit(phone.store, visit_to("person-1"))
    with writing(engine) as connection:  # the server has forgotten the token
        connection.execute(devices.update().values(token_hash=devices.c.id))
    with pytest.raises(NotSignedIn):
        phone.sync()
    mark_session_expired(phone.store)
    after = record_visit(phone.store, visit_to("person-1", method="PHONE"))
    assert (is_session_expired(phone.store), shown(phone)) == (True, {before, after})

    phone.sign_in()
    phone.sync()
    assert visits_on(engine).keys() == {before, after}


def test_one_bad_record_blocks_no_other(make_phone: MakePhone, engine: Engine) -> None:
    phone = make_phone()
    good = [record_visit(phone.store, visit_to("person-1", note=f"第{n}次")) for n in range(2)]
    bad = record_visit(phone.store, visit_to("person-1", cash_fen=900_000))
    good.append(record_visit(phone.store, visit_to("person-1", note="第3次")))
    phone.sync()
    states = {view.visit.id: view.delivery.state for view in recent(phone.store, limit=9)}
    assert states == {bad: RecordState.REFUSED, **dict.fromkeys(good, RecordState.RECEIVED)}
    assert visits_on(engine).keys() == set(good)


def test_money_taken_out_by_a_mend_does_not_come_back_with_an_amendment_made_before(
    make_phone: MakePhone, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The amendment was refused for want of the visit, and is released with the mend."""
    monkeypatch.setattr("app.store.outbox.BATCH_CHANGES", 1)
    phone = make_phone()
    visit = record_visit(phone.store, visit_to("person-1", cash_fen=900_000))
    amend_visit(phone.store, visit, visit_to("person-1", cash_fen=20_000))
    ways = iter([whole])
    with pytest.raises(WireError):  # the answer about the visit comes, that about the amendment does not
        phone.sync(spoil=lambda *answer: next(ways, cut)(*answer))  # noqa: PLW0108 - a choice for each answer
    mend_visit(phone.store, visit, visit_to("person-1"))
    phone.sync()
    with engine.connect() as connection:
        assert connection.execute(select(visit_facts.c.cash_fen)).scalar_one() == 0
    (view,) = visits_of(phone.store, "person-1")
    assert view.visit.cash_fen == 0


def test_a_visit_whose_sum_a_reviewer_took_in_can_still_be_amended(
    make_phone: MakePhone, engine: Engine, app: FastAPI, clock: FakeClock
) -> None:
    """The limit is asked of who writes the sum, not of who later writes a note."""
    phone = make_phone()
    visit = record_visit(phone.store, visit_to("person-1", cash_fen=900_000))
    phone.sync()
    release_what_waits(app, clock)
    phone.sync()
    amend_visit(phone.store, visit, visit_to("person-1", cash_fen=900_000, note="两次送到"))
    phone.sync()
    states = [(view.visit.note, view.delivery.state) for view in recent(phone.store, limit=9)]
    assert states == [("两次送到", RecordState.RECEIVED)]


def test_a_full_disk_at_the_start_or_the_end_of_a_session_stops_no_later_sending(
    make_phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = make_phone()

    def full(_store: object) -> None:
        raise StorageFull("手机满了。")

    monkeypatch.setattr("app.store.outbox.take_back", full)
    monkeypatch.setattr("app.sync.loop.mark_session_expired", full)
    network = FakeNetwork(is_online=False)

    async def play() -> bool:
        loop = SyncLoop(
            phone.store,
            lambda account: _NotSignedIn(),  # type: ignore[arg-type,return-value]
            network,
            random=Random(1),
            now_ms=phone.clock,
            sleep=FakeSleep(FakeClock()),
        )
        task = asyncio.create_task(loop.run())
        await settled()
        network.comes_back()
        await settled()
        is_over = task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return is_over

    assert asyncio.run(play()) is False


@pytest.mark.parametrize("days", [365, -365], ids=["ahead", "behind"])
def test_a_clock_a_year_off_loses_and_wins_nothing(
    make_phone: MakePhone, clock: FakeClock, engine: Engine, days: int
) -> None:
    wrong = make_phone(own_clock=lambda: clock() + days * DAY_MS)
    right = make_phone("colleague", seed=2)
    now = datetime.fromtimestamp(wrong.clock() / 1000, UTC)
    visit = record_visit(wrong.store, visit_to("person-1", at=now))
    edit_person(wrong.store, "person-1", {"note": "先写的"})
    wrong.sync()
    clock.go_on(ms=60_000)
    edit_person(right.store, "person-1", {"note": "后写的"})  # without having seen it
    right.sync()
    for phone in (wrong, right):
        phone.sync()
        assert person_view(phone.store, "person-1").person.note == "后写的"
        assert [c.field for c in open_conflicts(phone.store)] == ["note"]
        assert shown(phone) == {visit}
    assert visits_on(engine).keys() == {visit}


def test_a_visit_saved_while_the_clock_was_a_year_ahead_can_be_mended(
    make_phone: MakePhone, clock: FakeClock, engine: Engine
) -> None:
    ahead = [365 * DAY_MS]
    phone = make_phone(own_clock=lambda: clock() + ahead[0])
    now = datetime.fromtimestamp(clock() / 1000, UTC)
    visit = record_visit(phone.store, visit_to("person-1", at=now))
    ahead[0] = 0  # the clock is put right before anything is sent: nobody can tell by how much it was wrong
    phone.sync()
    assert [view.delivery.refusal.field for view in recent(phone.store, limit=9)] == ["saved_at"]
    mend_visit(phone.store, visit, visit_to("person-1", at=now))
    phone.sync()
    assert [view.visit.saved_at for view in visits_of(phone.store, "person-1")] == [now]
    assert visits_on(engine).keys() == {visit}


@pytest.mark.parametrize("version", OLD_VERSIONS)
def test_an_app_update_with_drafts_open_keeps_drafts_and_unsent_work(tmp_path: Path, version: str) -> None:
    """The tables as an earlier version left them are brought up to date with everything in them."""
    file = tmp_path / "old.db"
    seal = PlainCodec().seal
    old = Tables(file)
    MIGRATIONS.apply(old, stop_before=version)
    old.execute("INSERT INTO drafts VALUES ('person-1', 1, ?)", seal(['{"note": "写了一半"}']))
    old.execute(
        """
        INSERT INTO outbox (device, seq, record, entity, kind, base, hlc, about, change, size_bytes, saved_at)
        VALUES ('d', 1, 'visit-1', 'visit', 'create', 0, 1, 'visit-1', ?, 1, 1)
        """,
        seal(['{"actor": "a", "fields": {}}']),
    )
    old.conn.commit()
    old.close()

    new = open_store(file, now_ms=FakeClock())
    draft = draft_of(new, "person-1")
    assert (draft, waiting(new).changes) == ({"note": "写了一半"}, 1)


def test_new_work_on_a_phone_restored_from_a_backup_is_kept(
    make_phone: MakePhone, tmp_path: Path, engine: Engine
) -> None:
    """The restored phone gives numbers that the server knows with other content."""
    phone = make_phone()
    first = record_visit(phone.store, visit_to("person-1"))
    phone.sync()
    backup = phone.copied_to(tmp_path / "backup", seed=9)
    second = record_visit(phone.store, visit_to("person-1", note="备份以后"))
    phone.sync()

    third = record_visit(backup.store, visit_to("person-1", note="恢复以后"))
    backup.sync()
    assert visits_on(engine).keys() == {first, second, third}
    assert shown(backup) == {first, second, third}
    assert waiting(backup.store).changes == 0


def test_work_on_a_cloned_phone_and_on_its_original_is_kept(
    make_phone: MakePhone, tmp_path: Path, engine: Engine
) -> None:
    original = make_phone()
    clone = original.copied_to(tmp_path / "clone", seed=9)
    ours = [record_visit(original.store, visit_to("person-1", note=f"原机{n}")) for n in range(2)]
    theirs = [record_visit(clone.store, visit_to("person-1", note=f"新机{n}")) for n in range(2)]
    for phone in (original, clone, original):
        phone.sync()
    assert visits_on(engine) == dict.fromkeys([*ours, *theirs], 1)
    assert shown(original) == shown(clone) == {*ours, *theirs}
    assert signed_in_account(clone.store).device != signed_in_account(original.store).device


def test_a_clone_that_syncs_first_is_not_overwritten_by_what_had_not_seen_it(
    make_phone: MakePhone, tmp_path: Path
) -> None:
    """The original's later numbers would pass for having seen the clone's, which bear the same id."""
    original = make_phone()
    clone = original.copied_to(tmp_path / "clone", seed=9)
    edit_person(clone.store, "person-1", {"note": "新机写的"})
    record_visit(original.store, visit_to("person-1"))
    edit_person(original.store, "person-1", {"note": "原机写的"})
    for phone in (clone, original, clone):
        phone.sync()
    for phone in (clone, original):
        (conflict,) = open_conflicts(phone.store)
        assert {candidate.value for candidate in conflict.candidates} == {"新机写的", "原机写的"}


def test_phones_send_again_what_a_server_restored_from_a_backup_lost(
    make_phone: MakePhone, backed_up: Callable[[], Callable[[], FastAPI]]
) -> None:
    phone = make_phone()
    first = record_visit(phone.store, visit_to("person-1"))
    phone.sync()
    restore = backed_up()
    second = record_visit(phone.store, visit_to("person-1", needs=(NewNeed("HOUSING", "2", "漏雨"),)))
    edit_person(phone.store, "person-1", {"note": "白天在家"})
    undo_visit(phone.store, first)
    phone.sync()

    phone.app = restore()
    phone.sync()
    assert visits_on(phone.app.state.server.engine) == {first: 2, second: 1}
    assert (shown(phone), waiting(phone.store).changes) == ({second}, 0)
    assert person_view(phone.store, "person-1").person.note == "白天在家"


def test_work_sent_under_a_former_device_id_is_sent_again_to_a_restored_server(
    make_phone: MakePhone, engine: Engine, backed_up: Callable[[], Callable[[], FastAPI]]
) -> None:
    """Of numbers under another id than the present one the server's answer says nothing."""
    phone = make_phone()
    restore = backed_up()
    visit = record_visit(phone.store, visit_to("person-1"))
    phone.sync()
    with writing(engine) as connection:
        revoke_device(connection, signed_in_account(phone.store).device, now_ms=1)
    phone.sign_in()
    phone.sync()

    phone.app = restore()
    with pytest.raises(NotSignedIn):  # the backup does not know the new device
        phone.sync()
    phone.sign_in()
    phone.sync()
    assert visits_on(phone.app.state.server.engine) == {visit: 1}
    assert (shown(phone), waiting(phone.store).changes) == ({visit}, 0)


def test_an_edit_made_on_a_lost_version_does_not_pass_for_having_seen_another(
    make_phone: MakePhone, backed_up: Callable[[], Callable[[], FastAPI]]
) -> None:
    """After the restore version 2 is the colleague's; the one that was seen under this number is lost."""
    phone, colleague = make_phone(), make_phone("colleague", seed=2)
    restore = backed_up()
    edit_person(phone.store, "person-1", {"note": "备份以后"})
    phone.sync()
    edit_person(phone.store, "person-1", {"note": "恢复以前"})  # on version 2
    edit_person(colleague.store, "person-1", {"note": "同事写的"})
    phone.app = colleague.app = restore()
    for each in (colleague, phone, colleague):
        each.sync()
    for each in (phone, colleague):
        (conflict,) = open_conflicts(each.store)
        assert {candidate.value for candidate in conflict.candidates} == {"恢复以前", "同事写的"}


def test_a_visit_that_a_restored_server_refuses_is_shown_with_the_reason(
    make_phone: MakePhone, backed_up: Callable[[], Callable[[], FastAPI]]
) -> None:
    """It was accepted once, and what is offered again is judged again."""
    phone = make_phone()
    restore = backed_up()
    visit = record_visit(phone.store, visit_to("person-1"))
    phone.sync()
    phone.app = restore()
    with writing(phone.app.state.server.engine) as connection:
        connection.execute(campaigns.delete())
    outcome = phone.sync()
    (view,) = recent(phone.store, limit=9)
    assert (view.visit.id, view.delivery.state) == (visit, RecordState.REFUSED)
    assert outcome.healed == 0


@pytest.mark.parametrize("is_in_backup", [False, True])
def test_a_release_that_a_restored_server_lost_is_not_called_received(
    make_phone: MakePhone,
    app: FastAPI,
    clock: FakeClock,
    backed_up: Callable[[], Callable[[], FastAPI]],
    is_in_backup: bool,
) -> None:
    """It waits for the reviewer again and stays on the screen; a release that is in the backup stands."""
    phone = make_phone()
    visit = record_visit(phone.store, visit_to("person-1", cash_fen=900_000))
    phone.sync()
    if is_in_backup:
        release_what_waits(app, clock)
    restore = backed_up()
    if not is_in_backup:
        release_what_waits(app, clock)
    phone.sync()

    def told() -> list[tuple[str, str, int, str]]:
        views = recent(phone.store, limit=9)
        refusals = [view.delivery.refusal for view in views]
        codes = [refusal.code if refusal is not None else "" for refusal in refusals]
        return [
            (v.visit.id, v.delivery.state, v.visit.cash_fen, c) for v, c in zip(views, codes, strict=True)
        ]

    received = [(visit, RecordState.RECEIVED, 900_000, "")]
    assert told() == received
    phone.app = restore()
    phone.sync()
    if not is_in_backup:
        assert told() == [(visit, RecordState.REFUSED, 900_000, "over_limit")]
        release_what_waits(phone.app, clock)
        phone.sync()
    assert told() == received


def test_the_same_person_entered_on_two_phones_is_hinted_and_keeps_every_visit(
    make_phone: MakePhone, engine: Engine
) -> None:
    first, second = make_phone(), make_phone("colleague", seed=2)
    people = [add_person(p.store, "闻一禾", VILLAGE, hamlet="上坞") for p in (first, second)]
    visits = [record_visit(p.store, visit_to(who)) for p, who in zip((first, second), people, strict=True)]
    for phone in (first, second, first):
        phone.sync()
        phone.sync()
    for phone in (first, second):
        assert likely_duplicates(phone.store, "闻一禾", VILLAGE, hamlet="上坞") == sorted(people)
    assert visits_on(engine).keys() == set(visits)


def test_a_need_that_is_taken_back_alone_is_taken_back(make_phone: MakePhone, engine: Engine) -> None:
    """Its undo says neither whom it is about nor on which visit it was found."""
    phone = make_phone()
    visit = record_visit(phone.store, visit_to("person-1", needs=(NewNeed("HOUSING", "2", "漏雨"),)))
    phone.sync()
    undo_visit(phone.store, visit)
    phone.store.db.execute("UPDATE outbox SET state = 'received' WHERE kind = 'void' AND entity = 'visit'")
    phone.sync()
    with engine.connect() as connection:
        query = select(changes.c.entity, changes.c.status).where(changes.c.kind == "void")
        assert list(map(tuple, connection.execute(query))) == [("need", "accepted")]
