"""Photos down: only by the record that names them, only to whom that may be shown, kept by their hash."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import httpx
import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import Engine

from sync_server.db.engine import reading, writing
from sync_server.photos.parcel import index_workbook
from sync_server.photos.pixels import PEAK_BYTES
from sync_server.photos.publicity import candidates
from sync_server.photos.thumbnails import make_waiting, thumbnail_of
from sync_server.photos.totals import Totals, totals_by_phone
from sync_server.records.scope import Scope
from sync_server.records.stations import move_account
from tests.photos.pictures import digest_of, jpeg
from tests.photos.sender import send_whole
from tests.photos.test_totals import CAMPAIGN, take
from tests.server.phones import Phone, ask

SignIn = Callable[[str], Phone]
CONTENT = jpeg(1, width=800, height=600)


def fetch(phone: Phone, path: str, **headers: str) -> httpx.Response:
    said = {"Authorization": f"Bearer {phone.token}", **headers}
    return ask(phone.app, "GET", f"/v1/photos/{path}", headers=said)


@pytest.fixture
def address(phone: Phone) -> str:
    """A proven photo's."""
    phone.sync(
        phone.add_person(f"p-{phone.device}"), phone.add_visit(f"v-{phone.device}", f"p-{phone.device}")
    )
    take(phone, "h1", CONTENT)
    send_whole(phone, CONTENT)
    make_waiting(phone.app.state.photos)
    return f"h1/{digest_of(CONTENT)}"


@pytest.mark.parametrize("login", ["village", "colleague", "town", "county", "city"])
def test_who_may_see_the_record_sees_the_photo(sign_in: SignIn, address: str, login: str) -> None:
    shown = fetch(sign_in(login), address)
    assert (shown.status_code, shown.content, shown.headers["cache-control"]) == (
        200,
        CONTENT,
        "private, max-age=31536000, immutable",
    )
    again = fetch(sign_in(login), address, If_None_Match=shown.headers["etag"])
    assert again.status_code in (200, 304)


@pytest.mark.parametrize("login", ["neighbour", "stranger", "other-county", "unit"])
def test_nobody_else_learns_even_that_it_is_there(sign_in: SignIn, address: str, login: str) -> None:
    phone = sign_in(login)
    hidden = fetch(phone, address)
    absent = fetch(phone, f"h9/{digest_of(CONTENT)}")
    assert (hidden.status_code, hidden.json()) == (absent.status_code, absent.json())
    assert hidden.status_code == 404
    assert ask(phone.app, "GET", f"/v1/photos/{address}").status_code == 401


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=10-", 10, None), ("bytes=0-999999999", 0, None), ("bytes=7-4000", 7, 4000)],
)
def test_a_player_gets_the_part_that_it_asks_for(
    phone: Phone, address: str, asked: str, first: int, last: int | None
) -> None:
    end = len(CONTENT) - 1 if last is None else last
    shown = fetch(phone, address, Range=asked)
    assert (shown.status_code, shown.content) == (206, CONTENT[first : end + 1])
    assert shown.headers["content-range"] == f"bytes {first}-{end}/{len(CONTENT)}"


@pytest.mark.parametrize("asked", ["bytes=999999999-", "bytes=5-2", "bytes=-5", "bytes=0-1,3-4", "lines=1-2"])
def test_a_part_that_cannot_be_given_is_answered_with_the_whole(
    phone: Phone, address: str, asked: str
) -> None:
    shown = fetch(phone, address, Range=asked)
    assert (shown.status_code, shown.content) == (200, CONTENT)


def test_a_record_opens_no_other_bytes_than_those_it_names(phone: Phone, address: str) -> None:
    other = jpeg(2)
    send_whole(phone, other)
    assert fetch(phone, f"h1/{digest_of(other)}").status_code == 404


def with_a_visit(phone: Phone) -> Phone:
    person = f"p-{phone.device}"
    phone.sync(phone.add_person(person), phone.add_visit(f"v-{phone.device}", person))
    return phone


@pytest.mark.parametrize("login", ["colleague", "neighbour", "stranger"])
def test_naming_a_known_hash_opens_nothing_and_proves_nothing(
    engine: Engine, sign_in: SignIn, address: str, login: str
) -> None:
    other = with_a_visit(sign_in(login))
    consent = {"kind": "PUBLICITY", "consent": "本人口头同意"}
    take(other, "h2", CONTENT, **consent)
    for path in (f"h2/{digest_of(CONTENT)}", f"h2/{digest_of(CONTENT)}/thumbnail"):
        assert fetch(other, path).status_code == 404
    everywhere = Scope(("3311",))
    with reading(engine) as connection:
        totals = {line.device: line.totals for line in totals_by_phone(connection, everywhere, CAMPAIGN)}
        index = load_workbook(BytesIO(index_workbook(connection, everywhere, CAMPAIGN))).worksheets[0]
        chosen = candidates(connection, everywhere, CAMPAIGN)
    assert totals[other.device] == Totals(taken=1, sent=0, proven=0)
    assert [row[6] for row in index.iter_rows(min_row=2, values_only=True)] == ["已核对", "还没到"]
    assert chosen == []


def test_a_hash_written_into_the_senders_own_record_opens_nothing(
    phone: Phone, sign_in: SignIn, address: str
) -> None:
    colleague = sign_in("colleague")
    take(phone, "h2", jpeg(2))
    colleague.sync(colleague.change("photo", "h2", {"sha256": digest_of(CONTENT)}, kind="patch", base=1))
    assert fetch(colleague, f"h2/{digest_of(CONTENT)}").status_code == 404


def test_who_names_the_same_photo_sees_it_once_he_has_sent_it_himself(
    phone: Phone, sign_in: SignIn, address: str
) -> None:
    colleague = with_a_visit(sign_in("colleague"))
    take(colleague, "h2", CONTENT)
    send_whole(colleague, CONTENT)
    for reader in (colleague, phone):
        assert fetch(reader, f"h2/{digest_of(CONTENT)}").content == CONTENT


def test_a_photo_sent_after_a_move_or_by_the_restored_phone_belongs_to_its_record(
    engine: Engine, phone: Phone, sign_in: SignIn
) -> None:
    with_a_visit(phone)
    for record, content in (("h1", jpeg(1)), ("h2", jpeg(2))):
        take(phone, record, content)
    with writing(engine) as connection:
        move_account(connection, "village", "331121209202")
    send_whole(phone, jpeg(1))
    made = ask(phone.app, "POST", "/v1/device", headers={"Authorization": f"Bearer {phone.token}"}).json()
    send_whole(replace(phone, device=made["device"], token=made["token"]), jpeg(2))
    town = sign_in("town")
    for record, content in (("h1", jpeg(1)), ("h2", jpeg(2))):
        assert fetch(town, f"{record}/{digest_of(content)}").content == content


def test_a_photo_that_moved_away_is_not_reopened_by_a_colleagues_record(
    phone: Phone, sign_in: SignIn, address: str
) -> None:
    town, colleague = sign_in("town"), with_a_visit(sign_in("colleague"))
    person = f"p-{phone.device}"
    town.sync(town.change("person", person, {"village": "331121209202"}, kind="patch", base=1))
    assert [fetch(who, address).status_code for who in (phone, colleague)] == [404, 404]
    take(colleague, "h2", CONTENT)
    assert fetch(colleague, f"h2/{digest_of(CONTENT)}").status_code == 404


def test_a_photo_taken_back_is_shown_no_more(phone: Phone, address: str) -> None:
    phone.sync(phone.change("photo", "h1", {}, kind="void", base=1))
    assert fetch(phone, address).status_code == 404


def test_a_thumbnail_is_small_and_says_nothing_of_the_camera(phone: Phone, address: str) -> None:
    shown = fetch(phone, f"{address}/thumbnail")
    with Image.open(BytesIO(shown.content)) as small:
        assert (small.format, small.size, dict(small.getexif())) == ("JPEG", (320, 240), {})
    assert shown.headers["cache-control"].startswith("private")


def test_a_thumbnail_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    lying = BytesIO()
    Image.new("RGB", (400, 200), "red").save(lying, "JPEG", exif=exif)
    with Image.open(BytesIO(thumbnail_of(lying.getvalue()) or b"")) as small:
        assert small.size == (160, 320)


def test_a_see_through_png_is_put_on_white() -> None:
    made = BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(made, "PNG")
    with Image.open(BytesIO(thumbnail_of(made.getvalue()) or b"")) as small:
        assert small.getpixel((20, 20)) == (255, 255, 255)


def plain(width: int, height: int, form: str, mode: str = "RGBA", **more: object) -> bytes:
    made = BytesIO()
    Image.new(mode, (width, height)).save(made, form, **more)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "is_made"),
    [
        pytest.param(plain(3840, 2160, "PNG"), True, id="a large screen"),
        pytest.param(plain(3000, 2800, "PNG"), False, id="8.4 million pixels of 12 bytes"),
        pytest.param(plain(2600, 2000, "WEBP"), False, id="5.2 million pixels of 20 bytes"),
        pytest.param(plain(4000, 3000, "JPEG", "RGB"), True, id="a camera"),
        pytest.param(plain(5000, 4000, "JPEG", "RGB", progressive=True), False, id="20 million in scans"),
    ],
)
def test_a_thumbnail_is_made_only_of_what_opens_in_little_memory(content: bytes, is_made: bool) -> None:
    assert (thumbnail_of(content) is not None) == is_made


def test_a_small_file_does_not_swell_up_in_memory() -> None:
    """Asked of a process of its own, whose peak is that of the thumbnail alone."""
    said = (
        "import resource, sys; from sync_server.photos.thumbnails import thumbnail_of;"
        "content = sys.stdin.buffer.read();"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "before = peak(); thumbnail_of(content); print(peak() - before)"
    )
    for content in (plain(7900, 7900, "PNG"), plain(3200, 2600, "PNG"), plain(2300, 2100, "WEBP")):
        command = [sys.executable, "-c", said]
        grown_kib = int(subprocess.run(command, input=content, capture_output=True, check=True).stdout)
        assert grown_kib * 1024 < 1.2 * PEAK_BYTES


@pytest.mark.parametrize(
    "content",
    [jpeg()[:200], b"\xff\xd8\xff" + bytes(100), b"", b"only text", plain(9000, 9000, "PNG", "1")],
    ids=["truncated", "no picture behind the beginning", "nothing", "text", "a bomb"],
)
def test_what_cannot_be_opened_has_no_thumbnail(content: bytes) -> None:
    assert thumbnail_of(content) is None


def test_what_has_no_thumbnail_is_not_tried_again(app: FastAPI, phone: Phone) -> None:
    send_whole(phone, b"\xff\xd8\xff" + bytes(100))
    assert [make_waiting(app.state.photos), make_waiting(app.state.photos)] == [1, 0]
