"""Rows in short: a phone that says so merges its own Changes itself, and is told nothing twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.domain.merge import Mark, apply
from app.domain.wire import Own
from tests.server.phones import Phone

SignIn = Callable[[str], Phone]
MERGES = {"protocol": 2, "merges_own": True}


@pytest.fixture
def colleague(phone: Phone, sign_in: SignIn) -> Phone:
    """Another of the same village; both hold person-1."""
    found = sign_in("colleague")
    phone.sync(phone.add_person("person-1"), protocol=2)
    phone.sync(protocol=2)
    found.sync()
    return found


def records_of(rows: list) -> list[str]:
    return [row.record for row in rows]


def test_own_changes_merged_by_the_phone_are_the_rows_that_others_pull(
    phone: Phone, colleague: Phone
) -> None:
    made = phone.add_visit("visit-1", "person-1")
    amended = phone.change("visit", "visit-1", {"note": "问优待证"}, kind="patch")
    edited = phone.change("person", "person-1", {"hamlet": "上坞"}, kind="patch", base=1)
    before = colleague.sync(keep_cursor=False, cursor=None).rows
    answer = phone.sync(made, amended, edited, **MERGES)
    assert (records_of(answer.rows), [(one.seq, one.version) for one in answer.own]) == (
        [],
        [(made.seq, 1), (amended.seq, 2), (edited.seq, 2)],
    )
    merged = {row.record: row for row in before}
    for change, one in zip((made, amended, edited), answer.own, strict=True):
        mark = Mark(one.version, one.effective, change.device, change.seq, change.actor)
        merged[change.record] = apply(merged.get(change.record), change, mark)
    assert {row.record: row for row in colleague.sync().rows} == merged


def test_what_others_did_meanwhile_comes_beside_the_own_rows(phone: Phone, colleague: Phone) -> None:
    colleague.sync(colleague.add_visit("visit-2", "person-1"))
    answer = phone.sync(phone.add_visit("visit-1", "person-1"), **MERGES)
    assert (records_of(answer.rows), len(answer.own)) == (["visit-2"], 1)
    assert phone.sync(**MERGES).rows == []


def test_a_record_that_somebody_changed_unseen_comes_in_full(phone: Phone, colleague: Phone) -> None:
    colleague.sync(colleague.change("person", "person-1", {"house": "3号"}, kind="patch", base=1))
    answer = phone.sync(
        phone.add_visit("visit-1", "person-1"),
        phone.change("person", "person-1", {"hamlet": "上坞"}, kind="patch", base=1),
        phone.change("person", "person-1", {"hamlet": "下坞"}, kind="patch", base=1),
        **MERGES,
    )
    (row,) = answer.rows
    assert (row.values["house"], row.values["hamlet"], row.version) == ("3号", "下坞", 4)
    assert [one.seq for one in answer.own] == [answer.receipts[0].seq]


def test_a_repeated_request_brings_the_rows_in_full(phone: Phone, colleague: Phone) -> None:
    visit = phone.add_visit("visit-1", "person-1")
    first = phone.sync(visit, keep_cursor=False, **MERGES)
    again = phone.sync(visit, **MERGES)
    assert (len(first.own), first.rows, again.own, records_of(again.rows)) == (1, [], [], ["visit-1"])
    assert again.receipts == first.receipts


def test_a_first_sync_brings_own_work_in_full(phone: Phone, colleague: Phone) -> None:
    answer = phone.sync(phone.add_visit("visit-1", "person-1"), cursor=None, **MERGES)
    assert (answer.own, sorted(records_of(answer.rows))) == ([], ["person-1", "visit-1"])


def test_refused_work_has_no_row_of_either_kind(phone: Phone, colleague: Phone) -> None:
    bad = phone.add_visit("visit-1", "person-1", cash_fen=900_000)
    good = phone.add_visit("visit-2", "person-1")
    answer = phone.sync(bad, good, **MERGES)
    assert (answer.rows, [one.seq for one in answer.own]) == ([], [good.seq])


def test_work_about_somebody_who_moved_away_unseen_is_not_the_phones_to_hold(
    phone: Phone, colleague: Phone, sign_in: SignIn
) -> None:
    county = sign_in("county")
    county.sync(county.change("person", "person-1", {"village": "331121209202"}, kind="patch", base=1))
    answer = phone.sync(phone.add_visit("visit-1", "person-1"), **MERGES)
    assert [(r.status, r.version) for r in answer.receipts] == [("accepted", 1)]
    assert answer.own == []


def test_a_phone_that_does_not_merge_gets_every_row(phone: Phone, colleague: Phone) -> None:
    answer = phone.sync(phone.add_visit("visit-1", "person-1"), protocol=2)
    assert (answer.own, records_of(answer.rows)) == ([], ["visit-1"])


def test_stamps_told_are_those_of_the_marks(phone: Phone, colleague: Phone) -> None:
    answer = phone.sync(phone.add_visit("visit-1", "person-1"), **MERGES)
    (row,) = colleague.sync().rows
    assert answer.own == [Own(answer.receipts[0].seq, row.first.version, row.first.hlc)]
