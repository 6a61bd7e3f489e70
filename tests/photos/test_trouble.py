"""Full disks, a store in trouble, a crash half-way: nothing that is not there is proven, nothing is lost."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from contextlib import suppress
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from app.domain.errors import Unavailable
from sync_server.photos.uploads import RESERVE_BYTES
from tests.photos.pictures import jpeg, padded
from tests.photos.sender import (
    RECEIPT,
    ask_for_proofs,
    create,
    left_in,
    offset_of,
    send,
    stored,
    tus,
)
from tests.server.phones import Phone


def test_a_full_disk_is_said_before_a_byte_is_sent(
    phone: Phone, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=RESERVE_BYTES + 10))
    refused = create(phone, jpeg())
    assert (refused.status_code, refused.json()["code"]) == (507, "storage_full")
    assert refused.json()["sentence"].startswith("服务器的磁盘满了，这张照片没有收下，手机里的还在。")
    assert left_in(app) == []


def test_a_disk_that_fills_up_on_the_way_leaves_what_was_whole(
    app: FastAPI, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = padded(300_000)
    address = create(phone, content).headers["Location"]
    send(phone, address, content[:1000], 0)
    writing_ = os.write

    def fills_up(descriptor: int, piece: bytes) -> int:
        if os.fstat(descriptor).st_size > 150_000:
            raise OSError(errno.ENOSPC, "no space")
        return writing_(descriptor, piece[: len(piece) // 2 + 1])

    monkeypatch.setattr(os, "write", fills_up)
    refused = send(phone, address, content[1000:], 1000)
    assert (refused.status_code, refused.json()["code"]) == (507, "storage_full")
    monkeypatch.undo()
    assert offset_of(phone, address) == 1000
    assert send(phone, address, content[1000:], 1000).status_code == 204
    assert stored(app, content)


def test_a_store_that_is_in_trouble_at_the_end_loses_nothing(
    app: FastAPI, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = jpeg()
    address = create(phone, content).headers["Location"]

    def away(*_: object) -> None:
        raise Unavailable("照片库暂时连不上。")

    monkeypatch.setattr(app.state.photos.blobs, "take", away)
    assert send(phone, address, content, 0).status_code == 503
    assert ask_for_proofs(phone, [content])["proofs"] == {}
    monkeypatch.undo()
    asked = tus(phone, "HEAD", address)
    assert (asked.headers["Upload-Offset"], RECEIPT in asked.headers) == (str(len(content)), True)
    assert stored(app, content)


def test_a_crash_between_the_store_and_the_note_is_made_good_by_the_next_question(
    app: FastAPI, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = jpeg()
    address = create(phone, content).headers["Location"]

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sync_server.photos.shelf.prove", crash)
    with suppress(KeyboardInterrupt):
        send(phone, address, content, 0)
    monkeypatch.undo()
    assert stored(app, content)
    assert ask_for_proofs(phone, [content])["proofs"] == {}
    asked = tus(phone, "HEAD", address)
    assert (asked.headers["Upload-Offset"], RECEIPT in asked.headers) == (str(len(content)), True)


def test_a_database_that_is_full_at_the_end_proves_nothing_and_loses_nothing(
    app: FastAPI, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = jpeg()
    address = create(phone, content).headers["Location"]
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorname = "SQLITE_FULL"  # as SQLite's own has

    def is_full(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, full)

    monkeypatch.setattr("sync_server.photos.shelf.prove", is_full)
    refused = send(phone, address, content, 0)
    assert (refused.status_code, refused.json()["code"]) == (507, "storage_full")
    assert ask_for_proofs(phone, [content])["proofs"] == {}
    monkeypatch.undo()
    assert RECEIPT in tus(phone, "HEAD", address).headers
