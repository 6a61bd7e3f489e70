"""One round trip: what goes up is taken once and told, what changed comes down, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from app.domain.merge import Head, Mark
from app.domain.stamp import COUNTER_MAX, hlc_of, ms_of
from app.domain.wire import SyncHeader, decode_answer, encode_request
from sync_server.db import tables
from sync_server.db.engine import upsert, writing
from tests.fakes import NOON
from tests.server.phones import Phone, ask, need_fields

SignIn = Callable[[str], Phone]


def test_sign_in_gives_device_villages_and_campaign(phone: Phone) -> None:
    said = phone.answer
    assert (said["account"]["role"], said["organisation"], said["villages"], said["campaign"]["code"]) == (
        "RECORDER",
        {"code": "331121209200", "name": "巨浦村村委会", "path": "3311/331121/331121209/331121209200"},
        ["331121209200"],
        "lishui-2022",
    )
    assert said["time"] == NOON


def test_a_township_gets_its_villages_in_administrative_order(sign_in: SignIn) -> None:
    villages = sign_in("town").answer["villages"]
    assert len(villages) > 5
    assert all(code.startswith("331121209") for code in villages)
    assert villages[:2] == ["331121209200", "331121209202"]


def test_a_saved_visit_is_receipted_and_comes_down_the_feed(phone: Phone, engine: Engine) -> None:
    answer = phone.sync(phone.add_person("p1"), phone.add_visit("v1", "p1", cash_fen=50000))
    assert [(r.seq, r.status, r.version) for r in answer.receipts] == [(1, "accepted", 1), (2, "accepted", 1)]
    assert all(len(r.ref) == 8 and not set(r.ref) & set("0O1I") for r in answer.receipts)
    assert [(h.entity, h.record, h.version) for h in answer.rows] == [("person", "p1", 1), ("visit", "v1", 1)]
    assert answer.rows[0] == Head(
        "person",
        "p1",
        1,
        {"name": "李四", "village": "331121209200"},
        Mark(1, hlc_of(NOON), phone.device, 1, phone.account),
    )
    assert (answer.end.have, answer.end.more, answer.end.time) == (2, False, NOON)
    with engine.connect() as connection:
        facts = connection.execute(select(tables.visit_facts.c.person, tables.visit_facts.c.cash_fen)).all()
    assert [tuple(f) for f in facts] == [("p1", 50000)]


def test_a_sync_with_nothing_to_say_brings_nothing(phone: Phone) -> None:
    phone.sync(phone.add_person("p1"))
    answer = phone.sync()
    assert (answer.receipts, answer.rows, answer.end.more, answer.end.have) == ([], [], False, 1)


def test_the_same_request_twice_changes_nothing_and_says_the_same(
    phone: Phone, everything: Callable[[], dict]
) -> None:
    body = phone.body(
        phone.add_person("p1"),
        phone.add_visit("v1", "p1"),
        phone.add_visit("v2", "nobody"),
        phone.change("need", "n1", need_fields(phone, "p1", "v1")),
    )
    first = phone.post(body)
    after = everything()
    assert [phone.post(body).content for _ in range(3)] == [first.content] * 3
    assert everything() == after


def test_part_of_a_batch_sent_again_with_more_behind_it_takes_effect_once(
    phone: Phone, engine: Engine
) -> None:
    one, two, three = phone.add_person("p1"), phone.add_visit("v1", "p1"), phone.add_visit("v2", "p1")
    earlier = phone.sync(one, two).receipts
    later = phone.sync(two, three)
    assert later.receipts[0] == earlier[1]
    assert [r.status for r in later.receipts] == ["accepted", "accepted"]
    with engine.connect() as connection:
        log = connection.execute(select(tables.changes.c.seq).order_by(tables.changes.c.feed_no)).scalars()
        assert list(log) == [1, 2, 3]


def test_a_number_used_twice_gets_seq_reused_and_leaves_the_first_alone(
    phone: Phone, everything: Callable[[], dict]
) -> None:
    phone.sync(phone.add_person("p1"))
    after = everything()
    phone.seq = 0
    answer = phone.sync(phone.add_person("p2", name="王五"))
    assert [(r.seq, r.status, r.code) for r in answer.receipts] == [(1, "quarantined", "seq_reused")]
    assert everything() == after


def test_a_gap_in_the_numbers_holds_back_have_until_it_is_filled(phone: Phone) -> None:
    one, two, three = phone.add_person("p1"), phone.add_person("p2"), phone.add_person("p3")
    assert phone.sync(one).end.have == 1
    assert phone.sync(three).end.have == 1
    assert phone.sync(two).end.have == 3


def test_one_bad_change_blocks_only_itself(phone: Phone) -> None:
    answer = phone.sync(
        phone.add_person("p1"), phone.add_visit("v1", "p1", method="TELEPATHY"), phone.add_visit("v2", "p1")
    )
    assert [(r.status, r.code, r.field) for r in answer.receipts] == [
        ("accepted", None, None),
        ("quarantined", "unknown_method", "method"),
        ("accepted", None, None),
    ]
    assert answer.end.have == 3
    assert [h.record for h in answer.rows] == ["p1", "v2"]


def test_a_line_that_is_no_change_has_its_number_and_its_receipt(phone: Phone, engine: Engine) -> None:
    lines = phone.body(phone.add_person("p1"), phone.add_person("p2")).split(b"\n")
    lines[1] = b'{"hlc": "soon", "nonsense": true'
    response = phone.post(b"\n".join(lines))
    assert b'"seq":1,"status":"quarantined"' in response.content
    assert b'"code":"unreadable"' in response.content
    with engine.connect() as connection:
        kept = connection.execute(
            select(tables.changes.c.fields).where(tables.changes.c.seq == 1)
        ).scalar_one()
    assert kept == lines[1].decode()


def test_two_edits_of_different_fields_merge_without_a_conflict(phone: Phone, sign_in: SignIn) -> None:
    phone.sync(phone.add_person("p1"))
    colleague = sign_in("colleague")
    mine = phone.change("person", "p1", {"hamlet": "上村"}, kind="patch", base=1)
    theirs = colleague.change("person", "p1", {"house": "12号"}, kind="patch", base=1)
    assert [r.status for r in (*phone.sync(mine).receipts, *colleague.sync(theirs).receipts)] == [
        "accepted"
    ] * 2
    head = phone.sync().rows[-1]
    assert (head.version, head.values["hamlet"], head.values["house"], head.conflicts()) == (
        3,
        "上村",
        "12号",
        [],
    )


def test_one_field_edited_twice_unseen_keeps_both_until_somebody_picks(
    phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    phone.sync(phone.add_person("p1"))
    colleague = sign_in("colleague")
    mine = phone.change("person", "p1", {"hamlet": "上村"}, kind="patch", base=1)
    theirs = colleague.change("person", "p1", {"hamlet": "下村"}, kind="patch", base=1, at_ms=NOON - 1000)
    assert phone.sync(mine).receipts[0].status == "accepted"
    assert colleague.sync(theirs).receipts[0].status == "accepted_with_conflict"
    head = phone.sync().rows[-1]
    assert [(c.field, [x.value for x in c.candidates]) for c in head.conflicts()] == [
        ("hamlet", ["上村", "下村"])
    ]
    assert _open_conflicts(engine) == [("p1", "hamlet")]

    pick = phone.change("person", "p1", {"hamlet": "下村"}, kind="patch", base=head.version)
    settled = phone.sync(pick)
    assert [r.status for r in settled.receipts] == ["accepted"]
    assert (settled.rows[-1].values["hamlet"], settled.rows[-1].conflicts()) == ("下村", [])
    assert _open_conflicts(engine) == []


def test_an_undone_visit_stays_in_the_feed_as_voided(phone: Phone, engine: Engine) -> None:
    phone.sync(phone.add_person("p1"), phone.add_visit("v1", "p1"))
    answer = phone.sync(phone.change("visit", "v1", {}, kind="void", base=1))
    assert [(h.record, h.version, h.is_voided) for h in answer.rows] == [("v1", 2, True)]
    with engine.connect() as connection:
        assert connection.execute(select(tables.visit_facts.c.is_voided)).scalars().all() == [True]


def test_a_clock_a_year_ahead_neither_wins_nor_moves_time(phone: Phone, sign_in: SignIn) -> None:
    phone.sync(phone.add_person("p1"))
    year = 365 * 24 * 3600 * 1000
    fast = sign_in("colleague")
    early = fast.change("person", "p1", {"hamlet": "上村"}, kind="patch", base=1, at_ms=NOON + year - 60_000)
    answer = fast.sync(early, sent_at=NOON + year)
    mark = answer.rows[-1].candidates("hamlet")[0].mark
    assert ms_of(mark.hlc) == NOON - 60_000  # what its clock lacks is taken off
    later = phone.change("person", "p1", {"hamlet": "下村"}, kind="patch", base=1)
    assert phone.sync(later).rows[-1].values["hamlet"] == "下村"


def test_stamps_rise_with_seq_and_never_pass_arrival(phone: Phone) -> None:
    changes = [phone.add_person("p1"), phone.add_person("p2")]
    changes[0] = changes[0].model_copy(update={"hlc": hlc_of(NOON + 10**10)})
    marks = [h.first.hlc for h in phone.sync(*changes).rows]
    assert marks == [hlc_of(NOON, COUNTER_MAX), hlc_of(NOON, COUNTER_MAX) + 1]


def test_a_first_sync_comes_in_pages_with_everything_once(
    phone: Phone, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_server.api.sync.PAGE_ROWS", 3)
    phone.sync(*(phone.add_person(f"p{i}") for i in range(8)))
    fresh = sign_in("colleague")
    pages = [fresh.sync() for _ in range(3)]
    assert [[h.record for h in page.rows] for page in pages] == [
        ["p0", "p1", "p2"],
        ["p3", "p4", "p5"],
        ["p6", "p7"],
    ]
    assert [page.end.more for page in pages] == [True, True, False]


def test_a_record_changed_between_two_pages_comes_again_at_the_end(
    phone: Phone, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_server.api.sync.PAGE_ROWS", 2)
    phone.sync(*(phone.add_person(f"p{i}") for i in range(3)))
    fresh = sign_in("colleague")
    assert [h.record for h in fresh.sync().rows] == ["p0", "p1"]
    phone.sync(phone.change("person", "p0", {"hamlet": "上村"}, kind="patch", base=1))
    assert [(h.record, h.version) for h in fresh.sync().rows] == [("p2", 1), ("p0", 2)]


def test_a_cursor_of_another_epoch_starts_again(phone: Phone, engine: Engine) -> None:
    phone.sync(phone.add_person("p1"))
    with writing(engine) as connection:
        upsert(connection, tables.settings_kept, [{"name": "epoch", "value": "restored"}])
    answer = phone.sync()
    assert ([h.record for h in answer.rows], answer.end.epoch) == (["p1"], "restored")


@pytest.mark.parametrize(
    "cursor", ["", "x", "..", "a.b.c", "a.-1.b", "a.99999999999999999999.b", "é.1.x", "\x00"], ids=repr
)
def test_a_cursor_that_is_none_of_ours_starts_from_the_beginning(phone: Phone, cursor: str) -> None:
    phone.sync(phone.add_person("p1"))
    phone.cursor = cursor
    assert [h.record for h in phone.sync().rows] == ["p1"]


def test_facts_follow_a_person_who_moves_to_another_village(phone: Phone, sign_in: SignIn) -> None:
    phone.sync(phone.add_person("p1"), phone.add_visit("v1", "p1"))
    neighbour = sign_in("neighbour")
    assert neighbour.sync().rows == []
    phone.sync(phone.change("person", "p1", {"village": "331121209202"}, kind="patch", base=1))
    assert [(h.record, h.version) for h in neighbour.sync().rows] == [("p1", 2), ("v1", 1)]
    assert sign_in("colleague").sync().rows == []


def test_a_visit_saved_before_the_move_in_the_same_batch_follows_too(phone: Phone, sign_in: SignIn) -> None:
    phone.sync(
        phone.add_person("p1"),
        phone.add_visit("v1", "p1"),
        phone.change("person", "p1", {"village": "331121209202"}, kind="patch"),
    )
    assert {h.record for h in sign_in("neighbour").sync().rows} == {"p1", "v1"}


def test_a_visit_to_somebody_who_moved_away_unseen_is_accepted(phone: Phone, sign_in: SignIn) -> None:
    phone.sync(phone.add_person("p1"))  # held at this cursor
    town = sign_in("town")
    town.sync(town.change("person", "p1", {"village": "331121209202"}, kind="patch", base=1))
    assert [r.status for r in phone.sync(phone.add_visit("v1", "p1")).receipts] == ["accepted"]
    assert [h.record for h in sign_in("neighbour").sync().rows] == ["p1", "v1"]


def test_a_visit_to_somebody_seen_to_have_moved_away_is_kept_for_a_reviewer(
    phone: Phone, sign_in: SignIn
) -> None:
    phone.sync(phone.add_person("p1"))
    town = sign_in("town")
    town.sync(town.change("person", "p1", {"village": "331121209202"}, kind="patch", base=1))
    phone.sync()  # now the phone has seen the move
    answer = phone.sync(phone.add_visit("v1", "p1"))
    assert [(r.status, r.code) for r in answer.receipts] == [("quarantined", "outside_scope")]


def test_a_units_liaison_sees_its_people_wherever_they_live(phone: Phone, sign_in: SignIn) -> None:
    phone.sync(phone.add_person("p1", unit="3311U01"), phone.add_person("p2"), phone.add_visit("v1", "p1"))
    liaison = sign_in("unit")
    assert [h.record for h in liaison.sync().rows] == ["p1", "v1"]
    assert [r.status for r in liaison.sync(liaison.add_visit("v2", "p1")).receipts] == ["accepted"]
    assert [r.code for r in liaison.sync(liaison.add_visit("v3", "p2")).receipts] == ["outside_scope"]


@pytest.mark.parametrize("login", ["stranger", "other-county", "neighbour", "unit"])
def test_nobody_outside_gets_a_row(phone: Phone, sign_in: SignIn, login: str) -> None:
    phone.sync(phone.add_person("p1"), phone.add_visit("v1", "p1"))
    assert sign_in(login).sync().rows == []


@pytest.mark.parametrize("login", ["colleague", "town", "county", "city"])
def test_everybody_above_gets_every_row(phone: Phone, sign_in: SignIn, login: str) -> None:
    phone.sync(phone.add_person("p1"), phone.add_visit("v1", "p1"))
    assert [h.record for h in sign_in(login).sync().rows] == ["p1", "v1"]


def test_the_same_record_made_on_two_phones_is_one_record(phone: Phone, sign_in: SignIn) -> None:
    phone.sync(phone.add_person("p1"))
    colleague = sign_in("colleague")
    answer = colleague.sync(colleague.add_person("p1"))
    assert [(r.status, r.version) for r in answer.receipts] == [("accepted", 1)]
    assert [(h.record, h.version) for h in answer.rows] == [("p1", 1)]
    assert phone.sync().rows == []  # the same said twice is no news


def test_unknown_fields_of_a_newer_phone_come_back_untouched(phone: Phone) -> None:
    answer = phone.sync(phone.add_person("p1", favourite_opera=["婺剧", {"since": 1968}]))
    assert answer.rows[0].values["favourite_opera"] == ["婺剧", {"since": 1968}]


def test_a_change_that_the_database_refuses_is_set_aside_and_the_others_go_on(
    phone: Phone, engine: Engine
) -> None:
    with engine.begin() as connection:  # a rule that the code does not know of
        connection.exec_driver_sql("CREATE UNIQUE INDEX worn_out ON visit_facts (person)")
    body = phone.body(
        phone.add_person("p1"),
        phone.add_visit("v1", "p1"),
        phone.add_visit("v2", "p1"),
        phone.add_person("p2"),
        phone.add_visit("v3", "p2"),
    )
    first = phone.post(body)
    assert phone.post(body).content == first.content
    answer = phone.sync(*phone.sent)
    assert [(r.status, r.code) for r in answer.receipts] == [
        ("accepted", None),
        ("accepted", None),
        ("quarantined", "server_fault"),
        ("accepted", None),
        ("accepted", None),
    ]


def test_a_phone_whose_numbers_are_spent_gets_a_device_id_of_its_own_for_its_token(phone: Phone) -> None:
    answer = ask(phone.app, "POST", "/v1/device", headers={"Authorization": f"Bearer {phone.token}"})
    fresh = replace(phone, device=answer.json()["device"], token=answer.json()["token"], sent=[])
    assert fresh.device != phone.device
    assert [r.status for r in fresh.sync(fresh.add_person("p9")).receipts] == ["accepted"]
    assert [r.status for r in phone.sync(phone.add_person("p8")).receipts] == ["accepted"]


def test_a_phone_of_the_protocol_before_is_answered_in_it(phone: Phone) -> None:
    header = SyncHeader(protocol=1, device=phone.device, sent_at=NOON)
    answer = ask(phone.app, "POST", "/v1/sync", headers=phone.headers, content=encode_request(header, []))
    assert decode_answer(answer.content).end.receipts == 0


def _open_conflicts(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(select(tables.conflicts.c.record, tables.conflicts.c.field))
        return [tuple(row) for row in rows]
