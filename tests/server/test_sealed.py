"""Words about a worker are sealed on the phone and opened by the county alone."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, update

from app.device.sealing import seal_for_county
from app.domain.errors import BadInput
from app.domain.sealing import read_sealed
from sync_server.db.engine import reading, writing
from sync_server.db.tables import settings_kept
from sync_server.records.sealed import county_public_key, opened
from tests.server.phones import Phone

SECRET = "11" * 32
# Sealed once, under the secret above, for county 331121: kept words must stay openable.
PUBLIC_KEY = "BKCRcuOvxTywINcQ1Zq3VYg6ZZIsIC0SDVWWIAwmc72OFosKwF+KfJJNkBXo1YRoDyD/AEI7sycZurHIvQ8TTXw="
SEALED = (
    "AQQGSjvGtxAgpYsQJj7niL2JB81lrw9f8MaWGln0TqHZdZ7UsLOehPjkMIsqGK48ikUKpRixEyn0liyFRLptDMtAXk"
    "ntJlOlC/4YlMLVuYJtViRGcEtZFe9DDMmXsficZv7yBEgejGoURRXUnHMZINU="
)
WORDS = "从不上门，𠅤"


@pytest.fixture
def keyed(engine: Engine) -> Engine:
    with writing(engine) as connection:
        named = settings_kept.c.name == "opinion_key"
        connection.execute(update(settings_kept).where(named).values(value=SECRET))
    return engine


def test_the_sign_in_answer_holds_the_countys_key_and_the_county_opens_what_it_sealed(
    phone: Phone, sign_in: Callable[[str], Phone], engine: Engine
) -> None:
    key = phone.answer["county_key"]
    assert key == sign_in("county").answer["county_key"]
    sealed = asyncio.run(seal_for_county(key, f" {WORDS}\n"))
    with reading(engine) as connection:
        assert opened(connection, "331121", sealed) == WORDS


def test_what_was_sealed_for_a_county_stays_openable(keyed: Engine) -> None:
    with reading(keyed) as connection:
        assert county_public_key(connection, "331121") == PUBLIC_KEY
        assert opened(connection, "331121", SEALED) == WORDS


def test_no_other_county_opens_it(keyed: Engine) -> None:
    with reading(keyed) as connection, pytest.raises(BadInput, match="不是用本县的钥匙加密的"):
        opened(connection, "331102", SEALED)


@pytest.mark.parametrize("place", [0, 1, 30, 66, 78, -1])
def test_a_changed_byte_anywhere_is_found(keyed: Engine, place: int) -> None:
    whole = bytearray(base64.b64decode(SEALED))
    whole[place] ^= 1
    with reading(keyed) as connection, pytest.raises(BadInput, match="加密"):
        opened(connection, "331121", base64.b64encode(whole).decode())


def test_two_sealings_of_the_same_words_have_nothing_in_common() -> None:
    one, other = (read_sealed(asyncio.run(seal_for_county(PUBLIC_KEY, WORDS))) for _ in range(2))
    assert one.point != other.point and one.nonce != other.nonce and one.box != other.box


@pytest.mark.parametrize(
    ("key", "words", "field"),
    [
        ("", WORDS, "county_key"),
        ("AAAA", WORDS, "county_key"),
        (PUBLIC_KEY, " ", "words"),
        (PUBLIC_KEY, "长" * 4001, "words"),
    ],
    ids=["no key", "a key that is none", "no words", "too many"],
)
def test_what_cannot_be_sealed_is_said(key: str, words: str, field: str) -> None:
    with pytest.raises(BadInput) as said:
        asyncio.run(seal_for_county(key, words))
    assert said.value.field == field
