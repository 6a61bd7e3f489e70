"""The kept digests equal what the heads add up to, however and beside whom they were written."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select

from app.domain.digest import Digest, buckets_of, digest_of
from app.domain.merge import Head
from app.domain.wire import DigestAnswer, head_from_json
from sync_server.db.engine import reading, writing
from sync_server.db.tables import digests, heads
from sync_server.records.digests import add_up_anew, digest_of_scope
from sync_server.records.scope import Scope
from tests.server.phones import Phone, ask, need_fields

SignIn = Callable[[str], Phone]
SCOPES = [
    Scope(("3311",)),
    Scope(("3311/331121",)),
    Scope(("3311/331121/331121209",)),
    Scope(("3311/331121/331121209/331121209200",)),
    Scope(("3311/331121/331121209/331121209202", "3311/331121/331121209/331121209200")),
    Scope(("3311/3311U01",), is_unit=True),
    Scope(("3311/331102",)),
]


def recounted(engine: Engine, scope: Scope) -> Digest:
    """Added up from the heads, one at a time."""
    with reading(engine) as connection:
        columns = (heads.c.entity, heads.c.record, heads.c.version, heads.c.path, heads.c.unit_path)
        held = [row for row in connection.execute(select(*columns)) if scope.holds(row.path, row.unit_path)]
    return digest_of((row.entity, row.record, row.version) for row in held)


def kept(engine: Engine, scope: Scope) -> Digest:
    with reading(engine) as connection:
        return digest_of_scope(connection, scope)


def assert_right(engine: Engine) -> None:
    assert [kept(engine, scope) for scope in SCOPES] == [recounted(engine, scope) for scope in SCOPES]


@pytest.mark.parametrize("seed", range(3))
def test_after_creates_edits_moves_and_undos_the_sums_are_right(
    engine: Engine, sign_in: SignIn, seed: int
) -> None:
    rng, county = random.Random(seed), sign_in("county")
    villages = ["331121209200", "331121209202"]
    people = [f"p{n}" for n in range(12)]
    for _ in range(6):
        batch = []
        for _ in range(8):
            person = rng.choice(people)
            what = rng.choice(["add", "move", "unit", "visit", "need", "undo"])
            if what == "add":
                batch.append(county.add_person(person, village=rng.choice(villages)))
            elif what == "move":
                moved = {"village": rng.choice(villages)}
                batch.append(county.change("person", person, moved, kind="patch", base=99))
            elif what == "unit":
                unit = {"unit": rng.choice(["3311U01", None])}
                batch.append(county.change("person", person, unit, kind="patch", base=99))
            elif what == "visit":
                batch.append(county.add_visit(f"v{rng.randrange(9)}", person))
            elif what == "need":
                batch.append(county.change("need", f"n{county.seq}", need_fields(county, person)))
            else:
                batch.append(county.change("visit", f"v{rng.randrange(9)}", {}, kind="void"))
        county.sync(*batch)
        assert_right(engine)


def test_after_pushes_side_by_side_the_sums_are_right(engine: Engine, sign_in: SignIn) -> None:
    clerks = [sign_in("county") for _ in range(4)]

    def push(clerk: Phone) -> None:
        number = clerks.index(clerk)
        for turn in range(5):
            clerk.sync(
                clerk.add_person(f"own-{number}-{turn}", village="331121209200"),
                clerk.add_person("shared", village="331121209202", note=f"{number}{turn}"),
            )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(push, clerks))
    assert kept(engine, SCOPES[3]) == recounted(engine, SCOPES[3])
    assert kept(engine, SCOPES[0])["person"][0] == 21
    assert_right(engine)


def test_a_batch_taken_change_by_change_counts_once(
    engine: Engine, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a failed bulk write had added is taken back with it."""
    from sync_server.records import slate

    calls = []
    project = slate.project

    def fail_once(*args: object, **more: object) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("the database did not like it")
        project(*args, **more)

    monkeypatch.setattr(slate, "project", fail_once)
    phone.sync(phone.add_person("p1"), phone.add_person("p2"))
    assert kept(engine, SCOPES[3])["person"][0] == 2
    assert_right(engine)


def test_an_older_database_gets_its_sums_from_its_heads(engine: Engine, phone: Phone) -> None:
    phone.sync(phone.add_person("p1", unit="3311U01"), phone.add_visit("v1", "p1"))
    with writing(engine) as connection:
        before = sorted(map(tuple, connection.execute(select(digests))))
        connection.execute(digests.delete())
        add_up_anew(connection)
        assert sorted(map(tuple, connection.execute(select(digests)))) == before


def asked(app: FastAPI, phone: Phone, **said: object) -> httpx.Response:
    question = {"device": phone.device, "cursor": phone.cursor or "", **said}
    return ask(app, "POST", "/v1/digest", json=question, headers={"Authorization": f"Bearer {phone.token}"})


def test_the_parts_and_rows_asked_for_are_those_of_the_devices_scope(
    app: FastAPI, phone: Phone, sign_in: SignIn
) -> None:
    phone.sync(*(phone.add_person(f"p{n}") for n in range(200)))
    other = sign_in("neighbour")
    other.sync(*(other.add_person(f"q{n}") for n in range(50)))
    held = [("person", f"p{n}", 1) for n in range(200)]
    answer = DigestAnswer.model_validate_json(asked(app, phone).content)
    assert (answer.parts, answer.rows, answer.cursor) == (
        buckets_of(held),
        [],
        phone.sync(protocol=2).end.cursor,
    )

    want = {"person": sorted(answer.parts["person"])[:3], "visit": [1]}
    found: list[Head] = [
        head_from_json(row)
        for row in DigestAnswer.model_validate_json(asked(app, phone, want=want).content).rows
    ]
    expected = sum(answer.parts["person"][bucket][0] for bucket in want["person"])
    parts = buckets_of((head.entity, head.record, head.version) for head in found)
    assert (len(found), parts["person"].keys()) == (expected, set(want["person"]))


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"device": "another"}, 400, "wire_error"),
        ({"cursor": None}, 422, "bad_input"),
        ({"want": {"person": "all"}}, 422, "bad_input"),
    ],
)
def test_a_question_that_is_none_is_one_sentence(
    app: FastAPI, phone: Phone, said: dict[str, object], status: int, code: str
) -> None:
    response = asked(app, phone, **said)
    assert (response.status_code, response.json()["code"]) == (status, code)
