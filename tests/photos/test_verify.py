"""`zoufang media verify`: every photo hashed again; what is missing or damaged comes again from the phone."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from sync_server.__main__ import main
from sync_server.settings import Settings
from tests.photos.pictures import digest_of, jpeg
from tests.photos.sender import create, send, send_whole
from tests.photos.test_uploads import RECEIPT, ask_for_proofs, stored
from tests.server.phones import Phone

INTACT, LOST, SPOILT = jpeg(1), jpeg(2), jpeg(3)


@pytest.fixture
def spoilt(phone: Phone, settings: Settings) -> Phone:
    """Three photos of a phone, of which one is gone from the store's disk and one has another byte."""
    for content in (INTACT, LOST, SPOILT):
        send_whole(phone, content)
    path_of(settings, LOST).unlink()
    spoilt = bytearray(SPOILT)
    spoilt[-1] ^= 1
    path_of(settings, SPOILT).write_bytes(spoilt)
    return phone


def path_of(settings: Settings, content: bytes) -> Path:
    digest = digest_of(content)
    return settings.data / "photos" / "photos" / digest[:2] / digest


def verify(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Any, *more: str) -> tuple[int, str]:
    words = ["zoufang", "media", "verify", "--data", str(settings.data), *more]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert said.err == ""
    return int(ended.value.code or 0), said.out


def test_a_store_in_order_is_said_to_be_so(
    settings: Settings, phone: Phone, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    send_whole(phone, INTACT)
    code, said = verify(settings, monkeypatch, capsys)
    assert (code, said) == (0, "查了 1 张照片和视频，共 0.0 MB。\n都在，都完好。\n")


def test_what_is_missing_and_what_is_damaged_is_listed_and_the_command_fails(
    settings: Settings, spoilt: Phone, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    code, said = verify(settings, monkeypatch, capsys, "--json")
    faults = [
        {"sha256": digest_of(LOST), "fault": "missing", "records": [], "devices": [spoilt.device]},
        {"sha256": digest_of(SPOILT), "fault": "damaged", "records": [], "devices": [spoilt.device]},
    ]
    assert (code, json.loads(said)) == (
        1,
        {
            "photos": 3,
            "size_bytes": len(INTACT) + len(LOST) + len(SPOILT),
            "faults": sorted(faults, key=lambda fault: str(fault["sha256"])),
            "strays": 0,
        },
    )
    code, said = verify(settings, monkeypatch, capsys)
    assert (code, said.splitlines()[-1]) == (1, "缺 1 张，坏 1 张。还存着原件的手机一天之内联网就会再传。")


def test_what_was_found_wanting_is_taken_again_and_is_whole_then(
    app: FastAPI, settings: Settings, spoilt: Phone, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    verify(settings, monkeypatch, capsys)
    assert ask_for_proofs(spoilt, [INTACT, LOST, SPOILT])["missing"] == sorted(map(digest_of, (LOST, SPOILT)))
    for content in (LOST, SPOILT):
        created = create(spoilt, content)
        assert created.headers["Upload-Offset"] == "0"
        assert RECEIPT in send(spoilt, created.headers["Location"], content, 0).headers
        assert stored(app, content)
    assert verify(settings, monkeypatch, capsys)[0] == 0


@pytest.mark.parametrize("left", [None, b"half"], ids=["gone", "short"])
def test_a_proof_is_given_only_of_bytes_that_the_store_has_now_whatever_was_noted(
    app: FastAPI, settings: Settings, phone: Phone, left: bytes | None
) -> None:
    for content in (INTACT, LOST):
        send_whole(phone, content)
    path_of(settings, LOST).unlink()
    if left is not None:
        path_of(settings, LOST).write_bytes(left)
    said = ask_for_proofs(phone, [INTACT, LOST])
    assert (list(said["proofs"]), said["missing"]) == ([digest_of(INTACT)], [digest_of(LOST)])
    created = create(phone, LOST)
    assert created.headers["Upload-Offset"] == "0"
    assert RECEIPT in send(phone, created.headers["Location"], LOST, 0).headers
    assert stored(app, LOST)
    assert ask_for_proofs(phone, [INTACT, LOST])["missing"] == []


def test_what_a_crash_left_in_the_store_is_counted_and_no_fault(
    app: FastAPI, settings: Settings, phone: Phone, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    app.state.photos.blobs.put(f"photos/{digest_of(LOST)}", LOST)
    assert verify(settings, monkeypatch, capsys) == (
        0,
        "查了 0 张照片和视频，共 0.0 MB。\n都在，都完好。\n"
        "另有 1 个文件没有登记，是中断的传送留下的，不影响已有的照片。\n",
    )
