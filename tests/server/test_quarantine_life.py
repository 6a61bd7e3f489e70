"""What becomes of a refused Change: replaced by a mend, released when what it lacked has come (P6)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, select

from app.domain.change import Change
from app.domain.merge import Head
from app.domain.wire import Receipt
from sync_server.db import tables
from sync_server.db.engine import reading
from sync_server.records.log import content_of
from sync_server.records.past import held_at
from sync_server.records.scope import Scope
from tests.server.phones import Phone, need_fields
from tests.server.test_digest import assert_right

SignIn = Callable[[str], Phone]


def outcomes(rows: list[Head]) -> dict[int, tuple[object, object]]:
    """seq -> (status, version) of the outcomes among `rows`."""
    return {
        int(row.record.rpartition(":")[2]): (row.values["status"], row.values["version"])
        for row in rows
        if row.entity == "outcome"
    }


def mended(change: Change, replaces: int) -> Change:
    return change.model_copy(update={"replaces": replaces})


def codes(receipts: list[Receipt]) -> list[str | None]:
    return [receipt.code for receipt in receipts]


def versions(rows: list[Head]) -> dict[str, int]:
    return {row.record: row.version for row in rows if row.entity != "outcome"}


def test_a_mend_replaces_and_what_waited_for_its_record_is_released_unsent(
    phone: Phone, engine: Engine
) -> None:
    refused = [
        phone.add_person("p1", born="?"),
        phone.add_visit("v1", "p1"),
        phone.change("need", "n1", need_fields(phone, "p1", "v1")),
        phone.change("visit", "v1", {"note": "改一下"}, kind="patch"),
    ]
    first = phone.sync(*refused).receipts
    assert codes(first) == ["bad_field", "unknown_person", "unknown_person", "unknown_record"]

    answer = phone.sync(mended(phone.add_person("p1"), 1))
    assert [(r.seq, r.status, r.version) for r in answer.receipts] == [(5, "accepted", 1)]
    assert versions(answer.rows) == {"p1": 1, "v1": 2, "n1": 1}
    assert outcomes(answer.rows) == {
        1: ("replaced", 0),
        2: ("released", 1),
        3: ("released", 1),
        4: ("released", 2),
    }
    (visit,) = [row for row in answer.rows if row.record == "v1"]
    assert visit.values["note"] == "改一下"
    assert phone.sync(*refused).receipts == first  # receipts stay what they were
    assert_right(engine)


def test_what_waits_for_another_phones_record_is_released_when_that_comes(
    phone: Phone, sign_in: SignIn
) -> None:
    colleague = sign_in("colleague")
    assert codes(colleague.sync(colleague.add_visit("v1", "p1")).receipts) == ["unknown_person"]
    assert [r.record for r in phone.sync(phone.add_person("p1")).rows][:2] == ["p1", "v1"]
    rows = colleague.sync().rows
    assert (versions(rows), outcomes(rows)) == ({"p1": 1, "v1": 1}, {1: ("released", 1)})


def test_what_is_refused_once_more_says_the_new_reason_and_waits_on(
    phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    colleague = sign_in("colleague")
    need = colleague.change("need", "n1", need_fields(colleague, "p1", "v1"))
    bad = colleague.add_visit("v2", "p1", result="DANCED")
    colleague.sync(need, bad)
    phone.sync(phone.add_person("p1"))
    columns = (tables.quarantine.c.code, tables.quarantine.c.awaits, tables.quarantine.c.status)
    with engine.connect() as connection:
        query = select(*columns).order_by(tables.quarantine.c.seq)
        assert [tuple(row) for row in connection.execute(query)] == [
            ("unknown_visit", "v1", "waiting"),
            ("unknown_result", None, "waiting"),
        ]
    phone.sync(phone.add_visit("v1", "p1"))
    assert outcomes(colleague.sync().rows) == {1: ("released", 1)}


def test_what_an_older_edit_says_does_not_come_back_over_the_mend(phone: Phone) -> None:
    phone.sync(
        phone.add_visit("v1", "p1", note="一"),
        phone.change("visit", "v1", {"note": "二", "letters": 2}, kind="patch"),
    )
    rows = phone.sync(phone.add_person("p1"), mended(phone.add_visit("v1", "p1", note="三"), 1)).rows
    (visit,) = [row for row in rows if row.record == "v1"]
    assert (visit.values["note"], visit.values["letters"]) == ("三", 2)
    assert outcomes(rows)[2] == ("released", 2)


def test_a_mend_that_is_refused_too_stands_in_for_the_first(phone: Phone) -> None:
    phone.sync(phone.add_person("p1"), phone.add_visit("v1", "p1", cash_fen=10**8))
    answer = phone.sync(mended(phone.add_visit("v1", "p1", cash_fen=10**7), 2))
    assert (codes(answer.receipts), outcomes(answer.rows)) == (["over_limit"], {2: ("replaced", 0)})
    answer = phone.sync(mended(phone.add_visit("v1", "p1"), 3))
    assert (codes(answer.receipts), outcomes(answer.rows)) == ([None], {3: ("replaced", 0)})


@pytest.mark.parametrize("replaces", [1, 2, 77])
def test_naming_what_was_never_refused_changes_nothing(phone: Phone, replaces: int) -> None:
    phone.sync(phone.add_person("p1"))
    answer = phone.sync(mended(phone.add_visit("v1", "p1"), replaces))
    assert (codes(answer.receipts), outcomes(answer.rows)) == ([None], {})


def test_no_device_can_replace_the_work_of_another(phone: Phone, sign_in: SignIn) -> None:
    phone.sync(phone.add_person("p1", born="?"))
    colleague = sign_in("colleague")
    assert outcomes(colleague.sync(mended(colleague.add_person("p2"), 1)).rows) == {}


def test_the_mend_and_what_it_mends_in_one_batch_come_to_the_same(phone: Phone) -> None:
    """A server restored from a copy is offered both again at once."""
    batch = [
        phone.add_person("p1", born="?"),
        phone.add_visit("v1", "p1"),
        mended(phone.add_person("p1"), 1),
    ]
    answer = phone.sync(*batch)
    assert codes(answer.receipts) == ["bad_field", "unknown_person", None]
    assert outcomes(answer.rows) == {1: ("replaced", 0), 2: ("released", 1)}


def test_nobody_elses_phone_hears_of_the_outcomes_of_another_place(phone: Phone, sign_in: SignIn) -> None:
    phone.sync(phone.add_person("p1", born="?"))
    phone.sync(mended(phone.add_person("p1"), 1))
    assert outcomes(sign_in("neighbour").sync().rows) == {}
    assert outcomes(sign_in("town").sync().rows) == {1: ("replaced", 0)}


def test_a_device_cannot_make_a_record_with_an_outcomes_name(phone: Phone) -> None:
    (receipt,) = phone.sync(phone.add_person(f"{phone.device}:1")).receipts
    assert (receipt.code, receipt.field) == ("bad_field", "record")


def test_a_release_that_the_database_refuses_does_not_take_the_good_change_along(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync_server.records import slate

    project = slate.project

    def no_visits(connection: object, heads: list[slate.ProjectedHead], **more: str) -> None:
        if any(head.entity == "visit" for head in heads):
            raise ValueError("a value that the database will not have")
        project(connection, heads, **more)

    phone.sync(phone.add_visit("v1", "p1"))
    monkeypatch.setattr(slate, "project", no_visits)
    answer = phone.sync(phone.add_person("p1"), phone.add_person("p2"))
    assert ([r.status for r in answer.receipts], versions(answer.rows)) == (
        ["accepted", "accepted"],
        {"p1": 1, "p2": 1},
    )


def test_a_record_and_what_waits_for_it_that_arrive_at_once_find_each_other(
    engine: Engine, sign_in: SignIn
) -> None:
    """Neither transaction may miss the other: the visit would wait for ever for somebody who is here."""
    clerk, worker = sign_in("county"), sign_in("village")
    with ThreadPoolExecutor(2) as pool:
        for turn in range(8):
            person = clerk.add_person(f"p{turn}", village="331121209200")
            visit = worker.add_visit(f"v{turn}", f"p{turn}")
            list(pool.map(lambda pair: pair[0].sync(pair[1]), [(clerk, person), (worker, visit)]))
    held = versions(sign_in("village").sync().rows)
    assert held == {f"{kind}{turn}": 1 for kind in "pv" for turn in range(8)}
    assert_right(engine)


def test_a_change_without_a_mend_hashes_as_it_always_did(phone: Phone) -> None:
    """What was logged before there were mends must be known again when it is sent again."""
    change = Change(
        device="d",
        seq=1,
        hlc=5,
        actor="a",
        entity="visit",
        record="v",
        kind="patch",
        base=2,
        fields={"note": "x"},
    )
    assert content_of(change).content_hash == (
        "df87b295ea2566a2cd96ddd9a99b68da00f16498386d5e10eb5477403f08919f"
    )
    assert content_of(mended(change, 7)).content_hash != content_of(change).content_hash


def test_the_same_create_under_another_number_is_the_same(phone: Phone, sign_in: SignIn) -> None:
    """A restored phone sends what it has no receipt for under a fresh device id; meanwhile it was edited."""
    made = phone.add_person("p1", house="1号")
    phone.sync(made)
    editor = sign_in("colleague")
    editor.sync(editor.change("person", "p1", {"house": "2号"}, kind="patch", base=1))
    restored = sign_in("village")
    again = made.model_copy(update={"device": restored.device, "seq": 1})
    edited = restored.change("person", "p1", {"hamlet": "下坞", "name": "李四四"}, kind="patch")
    edited = edited.model_copy(update={"seq": 2})
    answer = restored.sync(again, edited)
    assert [(r.status, r.version) for r in answer.receipts] == [("accepted", 1), ("accepted", 3)]
    (head,) = answer.rows
    assert (head.values["house"], head.values["name"], head.conflicts()) == ("2号", "李四四", [])


def test_the_same_edit_under_another_number_opens_no_conflict(phone: Phone, sign_in: SignIn) -> None:
    phone.sync(phone.add_person("p1"))
    edit = phone.change("person", "p1", {"house": "1号"}, kind="patch", base=1)
    phone.sync(edit)
    editor = sign_in("colleague")
    editor.sync(editor.change("person", "p1", {"house": "2号"}, kind="patch", base=2))
    restored = sign_in("village")
    answer = restored.sync(edit.model_copy(update={"device": restored.device, "seq": 1}))
    assert [(r.status, r.version) for r in answer.receipts] == [("accepted", 2)]
    assert [(row.version, row.conflicts()) for row in answer.rows] == [(3, [])]


def test_what_a_device_says_a_second_time_itself_is_a_change_of_its_own(phone: Phone) -> None:
    phone.sync(phone.add_person("p1", note="一"))
    for note in ("二", "一", "二"):
        edit = phone.change("person", "p1", {"note": note}, kind="patch", base=1)
        (row,) = phone.sync(edit).rows
    assert (row.version, row.values["note"]) == (4, "二")


def test_who_is_released_was_held_from_his_release_on(phone: Phone, engine: Engine) -> None:
    phone.sync(phone.change("person", "p1", {"house": "1号", "village": phone.organisation}, kind="patch"))
    before = phone.cursor
    phone.sync(phone.add_person("p1"))
    at = int((before or "").split(".")[1])
    scope = Scope(("3311/331121/331121209/331121209200",))
    with reading(engine) as connection:
        assert [held_at(connection, scope, "p1", number) for number in (at, at + 2)] == [
            False,
            True,
        ]
