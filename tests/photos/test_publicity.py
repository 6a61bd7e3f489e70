"""Photos for the public: nothing leaves that nobody has looked at; what is covered is gone from the file."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from io import BytesIO

import httpx
import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from PIL import Image

from sync_server.photos.publicity import Cover, covered
from tests.dashboard.test_pages import cookie_of, get
from tests.dashboard.test_review import post
from tests.photos.pictures import digest_of, jpeg
from tests.photos.sender import send_whole
from tests.photos.test_totals import take
from tests.server.phones import Phone

SignIn = Callable[[str], Phone]
CONTENT = jpeg(1, width=400, height=200)
CONSENT = "本人口头同意"


@pytest.fixture
def taken(phone: Phone) -> Phone:
    """Of a visit: h1 for publicity with consent, h2 a scene, h3 awaited; of which the first two are here."""
    phone.sync(
        phone.add_person(f"p-{phone.device}"), phone.add_visit(f"v-{phone.device}", f"p-{phone.device}")
    )
    take(phone, "h1", CONTENT, kind="PUBLICITY", consent=CONSENT, caption="=走访老兵")
    take(phone, "h2", jpeg(2))
    take(phone, "h3", jpeg(3), kind="PUBLICITY", consent=CONSENT)
    send_whole(phone, CONTENT)
    send_whole(phone, jpeg(2))
    return phone


def seen(app: FastAPI, cookie: dict[str, str]) -> str:
    found = re.search(r'name="seen" value="(\w+)"', get(app, "/publicity/h1", cookie).text)
    assert found
    return found[1]


def decide(app: FastAPI, cookie: dict[str, str], action: str) -> httpx.Response:
    return post(app, "/publicity/h1", cookie, action=action, seen=seen(app, cookie))


def point(app: FastAPI, cookie: dict[str, str], x: int, y: int, size: str = "large") -> httpx.Response:
    return post(app, "/publicity/h1", cookie, **{"at.x": str(x), "at.y": str(y), "size": size})


def parcel(app: FastAPI, cookie: dict[str, str]) -> dict[str, bytes]:
    answer = get(app, "/publicity.zip?org=331121209", cookie)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rows(content: bytes) -> list[tuple[object, ...]]:
    return list(load_workbook(BytesIO(content)).worksheets[0].iter_rows(values_only=True))


def test_nothing_leaves_before_a_person_has_looked(app: FastAPI, taken: Phone) -> None:
    cookie = cookie_of(app, "town")
    page = get(app, "/publicity?org=331121209", cookie).text
    assert (page.count("/preview"), "还没看" in page, "<script" in page) == (1, True, False)
    refused = get(app, "/publicity.zip?org=331121209", cookie)
    assert (refused.status_code, "还没有可以对外用的照片" in refused.text) == (422, True)


def test_a_face_is_covered_by_pointing_at_it_and_laid_open_by_pointing_again(
    app: FastAPI, taken: Phone
) -> None:
    cookie = cookie_of(app, "town")
    before = get(app, "/publicity/h1/preview", cookie).content
    answer = point(app, cookie, 100, 100)
    assert (answer.status_code, answer.headers["location"]) == (303, "/publicity/h1?size=large")
    hidden = get(app, "/publicity/h1/preview", cookie).content
    assert hidden != before
    assert "现在遮了 1 处" in get(app, "/publicity/h1", cookie).text
    point(app, cookie, 105, 95)
    assert get(app, "/publicity/h1/preview", cookie).content == before


def test_what_leaves_is_covered_bare_and_listed_with_its_consent(app: FastAPI, taken: Phone) -> None:
    cookie = cookie_of(app, "town")
    point(app, cookie, 100, 100)
    assert decide(app, cookie, "covered").status_code == 303
    found = parcel(app, cookie)
    assert sorted(found) == ["001.jpg", "索引.xlsx"]
    assert found["001.jpg"] == covered(CONTENT, [Cover(250, 500, 100)])
    assert rows(found["索引.xlsx"]) == [
        ("序号", "文件", "日期", "单位", "说明", "本人同意"),
        (1, "001.jpg", "2022-07-28", taken.answer["organisation"]["name"], "=走访老兵", CONSENT),
    ]


def test_a_cover_that_is_changed_asks_for_a_new_look(app: FastAPI, taken: Phone) -> None:
    cookie = cookie_of(app, "town")
    point(app, cookie, 100, 100)
    decide(app, cookie, "covered")
    point(app, cookie, 300, 100)
    assert get(app, "/publicity.zip?org=331121209", cookie).status_code == 422


def test_who_looked_at_another_drawing_has_not_looked(app: FastAPI, taken: Phone) -> None:
    cookie = cookie_of(app, "town")
    stale = seen(app, cookie)
    point(app, cookie, 100, 100)
    for action in ("covered", "faceless"):
        refused = post(app, "/publicity/h1", cookie, action=action, seen=stale)
        assert (refused.status_code, "请再看一遍这张照片" in refused.text) == (422, True)


def test_a_photo_let_go_can_be_held_back_again(app: FastAPI, taken: Phone) -> None:
    cookie = cookie_of(app, "town")
    decide(app, cookie, "faceless")
    assert list(parcel(app, cookie)) == ["001.jpg", "索引.xlsx"]
    decide(app, cookie, "withdraw")
    assert get(app, "/publicity.zip?org=331121209", cookie).status_code == 422


def test_without_consent_a_photo_does_not_leave(app: FastAPI, taken: Phone) -> None:
    cookie = cookie_of(app, "town")
    decide(app, cookie, "faceless")
    taken.sync(taken.change("photo", "h1", {"consent": ""}, kind="patch", base=1))
    assert get(app, "/publicity.zip?org=331121209", cookie).status_code == 422


@pytest.mark.parametrize("at", [{}, {"at.x": "-1", "at.y": "5"}, {"at.x": "9999", "at.y": "5"}])
def test_pointing_beside_the_photo_is_said_and_changes_nothing(
    app: FastAPI, taken: Phone, at: dict[str, str]
) -> None:
    cookie = cookie_of(app, "town")
    refused = post(app, "/publicity/h1", cookie, **at)
    assert (refused.status_code, "请在照片上点一张脸" in refused.text) == (422, True)
    assert "现在遮了 0 处" in get(app, "/publicity/h1", cookie).text


@pytest.mark.parametrize(("login", "status"), [("village", 403), ("other-county", 404)])
def test_only_reviewers_of_these_people_decide(app: FastAPI, taken: Phone, login: str, status: int) -> None:
    cookie = cookie_of(app, login)
    answers = [get(app, "/publicity/h1", cookie), get(app, "/publicity/h1/preview", cookie)]
    answers.append(point(app, cookie, 100, 100))
    assert [answer.status_code for answer in answers] == [status] * 3


def test_a_scene_is_never_for_the_public(app: FastAPI, taken: Phone) -> None:
    assert get(app, "/publicity/h2", cookie_of(app, "town")).status_code == 404


def test_the_index_lists_every_photo_with_caption_consent_and_whether_it_is_here(
    app: FastAPI, taken: Phone
) -> None:
    answer = get(app, "/photos/index.xlsx?org=331121209", cookie_of(app, "town"))
    name = taken.answer["organisation"]["name"]
    kilobytes = [-(-len(content) // 1024) for content in (CONTENT, jpeg(2), jpeg(3))]
    assert [line[1:] for line in rows(answer.content)[1:]] == [
        ("宣传", "2022-07-28", name, "=走访老兵", CONSENT, "已核对", kilobytes[0], digest_of(CONTENT)),
        ("现场", "2022-07-28", name, None, None, "已核对", kilobytes[1], digest_of(jpeg(2))),
        ("宣传", "2022-07-28", name, None, CONSENT, "还没到", kilobytes[2], digest_of(jpeg(3))),
    ]


def test_under_a_cover_nothing_of_the_face_is_left() -> None:
    """Two pictures that differ under the cover alone, with the same mean in each cell, leave as the same."""
    one, other = (Image.new("RGB", (200, 200), "white") for _ in range(2))
    for x in range(80, 120):
        for y in range(80, 120):
            dark = (x + y) % 2
            one.putpixel((x, y), (255 * dark,) * 3)
            other.putpixel((x, y), (255 * (1 - dark),) * 3)
    made = []
    for image in (one, other):
        file = BytesIO()
        image.save(file, "PNG")
        made.append(covered(file.getvalue(), [Cover(500, 500, 200)]))
    assert made[0] == made[1]


def test_what_a_camera_wrote_does_not_leave() -> None:
    exif = Image.Exif()
    exif[0x010F] = "maker"
    file = BytesIO()
    Image.new("RGB", (60, 40), "red").save(file, "JPEG", exif=exif, comment=b"where it was", quality=90)
    left = covered(file.getvalue(), ())
    with Image.open(BytesIO(left)) as image:
        assert (dict(image.getexif()), image.info.get("comment")) == ({}, None)
    assert b"maker" not in left
