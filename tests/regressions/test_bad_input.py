"""A batch that is not what it says gets a clear receipt or status, and leaves the rest intact."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.domain.change import Change
from app.domain.wire import BATCH_BYTES, decode_answer
from tests.dashboard.test_pages import cookie_of, get
from tests.fakes import DAY_MS
from tests.server.phones import Phone, ask, visit_fields

SignIn = Callable[[str], Phone]
Everything = Callable[[], dict[str, list[tuple]]]
HALF_A_PAIR = rb"\ud800"  # as JSON spells it; Python itself would not encode it


@pytest.fixture
def phone(app: FastAPI, sign_in: SignIn) -> Iterator[Phone]:
    """Of a recorder with one person on his list; whatever it sent, the reviewer can read what waits."""
    made = sign_in("village")
    made.sync(made.add_person("p1"))
    yield made
    waiting(app, sign_in("town"))


def waiting(app: FastAPI, reviewer: Phone) -> list[dict[str, Any]]:
    """What the reviewer's list has, once the page has answered too."""
    assert get(app, "/review", cookie_of(app, "town")).status_code == 200
    answer = ask(app, "GET", "/v1/review", headers={"Authorization": f"Bearer {reviewer.token}"})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


@dataclass(frozen=True)
class Problem:
    """What an answer to a batch that was refused whole says."""

    status: int
    code: str


def lines_of(body: bytes) -> list[bytes]:
    return body.splitlines(keepends=True)


def told(response: httpx.Response) -> Problem:
    """Its status and code, once it is clear that it is one sentence in Chinese and no traceback."""
    said = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert (
        "Traceback" not in response.text and said["sentence"].endswith("。") and len(said["sentence"]) < 120
    )
    return Problem(response.status_code, said["code"])


def codes(response: httpx.Response) -> list[str | None]:
    """The code of each receipt, None for an accepted Change."""
    assert response.status_code == 200, response.text
    receipts = decode_answer(response.content).receipts
    assert all(r.message and r.message.endswith("。") for r in receipts if r.code)
    return [receipt.code for receipt in receipts]


def with_a_good_one(phone: Phone, bad: Change) -> bytes:
    return phone.body(bad, phone.add_visit("good", "p1"))


@pytest.mark.parametrize(
    ("count", "problem"),
    [
        pytest.param(1, Problem(400, "wire_error"), id="fewer"),
        pytest.param(3, Problem(400, "wire_error"), id="more"),
        pytest.param(2**40, Problem(413, "too_large"), id="absurdly-many"),
    ],
)
def test_wrong_counts_are_refused_whole(
    phone: Phone, everything: Everything, count: int, problem: Problem
) -> None:
    before = everything()
    first, *rest = lines_of(phone.body(phone.add_visit("v1", "p1"), phone.add_visit("v2", "p1")))
    header = {**json.loads(first), "count": count}
    assert told(phone.post(json.dumps(header).encode() + b"\n" + b"".join(rest))) == problem
    assert everything() == before


def test_a_batch_without_its_last_line_is_refused_whole(phone: Phone, everything: Everything) -> None:
    before = everything()
    body = phone.body(phone.add_visit("v1", "p1"), phone.add_visit("v2", "p1"))
    assert told(phone.post(b"".join(lines_of(body)[:-1]))) == Problem(400, "wire_error")
    assert everything() == before


def test_a_gap_in_seq_is_taken_and_held_open_for_what_is_missing(phone: Phone) -> None:
    missing, after = phone.add_visit("v1", "p1"), phone.add_visit("v2", "p1")
    assert codes(phone.post(phone.body(after))) == [None]
    assert phone.sync(missing).end.have == 3


def test_another_devices_seq_is_refused_whole(phone: Phone, sign_in: SignIn, everything: Everything) -> None:
    colleague = sign_in("colleague")
    visit = colleague.add_visit("v1", "p1")
    before = everything()
    assert told(phone.post(colleague.body(visit))) == Problem(400, "wire_error")
    assert everything() == before


def test_a_change_outside_scope_is_kept_for_a_reviewer(phone: Phone, sign_in: SignIn) -> None:
    neighbour = sign_in("neighbour")
    neighbour.sync(neighbour.add_person("q1"))
    bad = phone.change("person", "q1", {"note": "不归我管"}, kind="patch", base=1)
    assert codes(phone.post(with_a_good_one(phone, bad))) == ["outside_scope", None]


def test_an_unknown_entity_is_kept(phone: Phone) -> None:
    bad = phone.change("spaceship", "s1", {"name": "远行"})
    assert codes(phone.post(with_a_good_one(phone, bad))) == ["unknown_entity", None]


def test_a_date_in_the_future_is_kept(phone: Phone, clock: Callable[[], int]) -> None:
    bad = phone.add_visit("v1", "p1", at="2031-01-01T12:00:00+08:00")
    assert clock() + 365 * DAY_MS < 1_924_992_000_000  # which is before that
    assert codes(phone.post(with_a_good_one(phone, bad))) == ["future_time", None]


def test_a_note_of_ten_megabytes_is_refused_before_it_is_read(phone: Phone, everything: Everything) -> None:
    before = everything()
    bad = phone.add_visit("v1", "p1", note="写" * (10 * 1024 * 1024 // 3))
    assert told(phone.post(phone.body(bad))) == Problem(413, "too_large")
    assert everything() == before


def test_a_note_that_fills_a_batch_is_kept_and_the_next_is_taken(phone: Phone) -> None:
    bad = phone.add_visit("v1", "p1", note="写" * (BATCH_BYTES // 4))
    assert codes(phone.post(with_a_good_one(phone, bad))) == ["too_large", None]


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [(b"\xff\xfe", "unreadable"), (b"\xe8\xb5", "unreadable"), (b"\xed\xa0\x80", "bad_field")],
    ids=["no-character", "cut", "half-a-pair"],
)
def test_invalid_utf_8_is_kept_and_the_next_is_taken(phone: Phone, spoilt: bytes, code: str) -> None:
    body = with_a_good_one(phone, phone.add_visit("v1", "p1", note="##"))
    assert codes(phone.post(body.replace(b"##", spoilt))) == [code, None]


def test_a_compression_bomb_is_refused_without_being_unpacked(phone: Phone, everything: Everything) -> None:
    before = everything()
    bomb = gzip.compress(b"\0" * (64 * 2**20))
    assert len(bomb) < BATCH_BYTES
    headers = {**phone.headers, "Content-Encoding": "gzip"}
    assert told(ask(phone.app, "POST", "/v1/sync", content=bomb, headers=headers)) == Problem(
        413, "too_large"
    )
    assert everything() == before


@pytest.mark.parametrize(
    ("odd", "code"),
    [
        ({"at": "9999-12-31T23:00:00-12:00"}, "future_time"),
        ({"at": "0001-01-01T00:00:00+08:00"}, "bad_field"),
        ({"saved_at": "0001-01-01T00:00:00+08:00"}, "bad_field"),
        ({"saved_at": "9999-12-31T23:00:00-12:00"}, "future_time"),
        ({"at": "昨天"}, "bad_field"),
        ({"at": [1]}, "bad_field"),
        ({"note": "##"}, "bad_field"),
        ({"note": "\0"}, "bad_field"),
        ({"##": 1}, "bad_field"),
        ({"checklist/##": True}, "bad_field"),
        ({"person": "##"}, "bad_field"),
        ({"person": "\0"}, "bad_field"),
        ({"person": ["p1"]}, "bad_field"),
        ({"organisation": "##"}, "bad_field"),
        ({"organisation": {"\0": "##"}}, "bad_field"),
        ({"campaign": ["x"]}, "bad_field"),
        ({"cash_fen": 10**400}, "bad_field"),
        ({"note": [[[[{"a": None}]]]]}, "bad_field"),
    ],
)
def test_what_no_words_can_be_made_of_hides_nothing_from_the_reviewer(
    app: FastAPI, phone: Phone, sign_in: SignIn, odd: dict[str, Any], code: str
) -> None:
    visit = phone.change("visit", "v1", {**visit_fields(phone, "p1"), **odd})
    body = with_a_good_one(phone, visit)
    assert codes(phone.post(body.replace(b"##", HALF_A_PAIR))) == [code, None]
    (item,) = waiting(app, sign_in("town"))
    assert (item["what"], item["code"]) == ("走访", code)


@pytest.mark.parametrize("entity", ["visit", "person"])
def test_an_actor_or_record_that_cannot_be_stored_hides_nothing_from_the_reviewer(
    app: FastAPI, phone: Phone, sign_in: SignIn, entity: str
) -> None:
    bad = [
        phone.change(entity, "##", {"name": "李四", "person": "p1"}),
        phone.change(entity, "x1", {"name": "##"}, actor="##"),
        phone.change(entity, "x2", {}, actor="\0"),
    ]
    assert None not in codes(phone.post(phone.body(*bad).replace(b"##", HALF_A_PAIR)))
    assert len(waiting(app, sign_in("town"))) == len(bad)
