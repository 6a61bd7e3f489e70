"""Photos by place and by phone: taken, sent, proven, missing; behind each figure the photos themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from sync_server.db.engine import reading, writing
from sync_server.photos.proofs import note_checks
from sync_server.photos.thumbnails import make_waiting
from sync_server.photos.totals import Totals, photos_in, totals_by_phone, totals_by_place
from sync_server.records.scope import Scope
from sync_server.summary.places import place, places_in
from tests.dashboard.test_pages import cookie_of, get
from tests.fakes import NOON
from tests.photos.pictures import digest_of, jpeg
from tests.photos.sender import send_whole
from tests.server.fact_fields import photo_fields
from tests.server.phones import Phone

SignIn = Callable[[str], Phone]
CAMPAIGN = "lishui-2022"
TOWN = "3311/331121/331121209"
HERE, DAMAGED, AWAITED = jpeg(1), jpeg(2), jpeg(3)


def take(phone: Phone, record: str, content: bytes, **more: object) -> None:
    """Keep a photo's record, of the visit v1 of the phone's person."""
    about = {"visit": f"v-{phone.device}", "person": f"p-{phone.device}"}
    said = photo_fields(phone, sha256=digest_of(content), size_bytes=len(content), **about, **more)
    answer = phone.sync(phone.change("photo", record, said))
    assert [receipt.status for receipt in answer.receipts] == ["accepted"]


@pytest.fixture
def two_phones(engine: Engine, sign_in: SignIn) -> tuple[Phone, Phone]:
    """One of the village with a photo proven, one damaged since and one awaited; its neighbour awaits two."""
    found = []
    for login in ("village", "neighbour"):
        phone = sign_in(login)
        phone.sync(
            phone.add_person(f"p-{phone.device}"), phone.add_visit(f"v-{phone.device}", f"p-{phone.device}")
        )
        found.append(phone)
    village, neighbour = found
    for record, content in (("h1", HERE), ("h2", DAMAGED), ("h3", AWAITED)):
        take(village, record, content)
    for record in ("h4", "h5"):
        take(neighbour, record, jpeg(9))
    for content in (HERE, DAMAGED):
        send_whole(village, content)
    with writing(engine) as connection:
        note_checks(connection, {digest_of(DAMAGED): "damaged"}, begun_ms=NOON, now_ms=NOON)
    return village, neighbour


def test_totals_by_place_add_up(engine: Engine, two_phones: tuple[Phone, Phone]) -> None:
    with reading(engine) as connection:
        here = place(connection, "331121209")
        lines = totals_by_place(connection, Scope((TOWN,)), CAMPAIGN, here, places_in(connection, here.code))
    assert {line.place and line.place.code: line.totals for line in lines if line.totals.taken} == {
        "331121209200": Totals(taken=3, sent=2, proven=1),
        "331121209202": Totals(taken=2, sent=0, proven=0),
    }
    assert [line.totals.missing for line in lines if line.totals.taken] == [2, 2]


def test_totals_by_phone_say_where_a_photo_still_is(engine: Engine, two_phones: tuple[Phone, Phone]) -> None:
    with reading(engine) as connection:
        lines = totals_by_phone(connection, Scope((TOWN,)), CAMPAIGN)
        missing = photos_in(connection, Scope((TOWN,)), CAMPAIGN, only_missing=True)
    village, neighbour = two_phones
    assert [(line.device, line.totals) for line in lines] == [
        (village.device, Totals(taken=3, sent=2, proven=1)),
        (neighbour.device, Totals(taken=2, sent=0, proven=0)),
    ]
    assert [(p.record, p.state, p.phone and p.phone.device) for p in missing.photos] == [
        ("h2", "damaged", village.device),
        ("h3", "missing", village.device),
        ("h4", "missing", neighbour.device),
        ("h5", "missing", neighbour.device),
    ]


def test_a_photo_taken_back_is_counted_no_more(engine: Engine, two_phones: tuple[Phone, Phone]) -> None:
    village, _ = two_phones
    village.sync(village.change("photo", "h3", {}, kind="void", base=1))
    with reading(engine) as connection:
        (line, _other) = totals_by_phone(connection, Scope((TOWN,)), CAMPAIGN)
    assert line.totals == Totals(taken=2, sent=2, proven=1)


def test_photos_elsewhere_are_not_counted(engine: Engine, two_phones: tuple[Phone, Phone]) -> None:
    with reading(engine) as connection:
        elsewhere = Scope(("3311/331102",))
        assert totals_by_phone(connection, elsewhere, CAMPAIGN) == []
        assert photos_in(connection, elsewhere, CAMPAIGN).photos == []
        assert photos_in(connection, Scope((TOWN,)), "lishui-2021").photos == []


def test_the_page_leads_from_the_figure_to_the_photo_and_its_phone(
    app: FastAPI, two_phones: tuple[Phone, Phone]
) -> None:
    cookie = cookie_of(app, "town")
    make_waiting(app.state.photos)
    page = get(app, "/photos", cookie)
    assert (page.status_code, "<script" in page.text) == (200, False)
    village, _ = two_phones
    missing = (
        f"/photos/list?org=331121209&amp;campaign=lishui-2022&amp;device={village.device}&amp;show=missing"
    )
    assert f'<a href="{missing}">2</a>' in page.text
    listed = get(app, missing.replace("&amp;", "&"), cookie).text
    assert listed.count("在手机“测试机”里") == 2
    assert "原件坏了" in listed and "原件还没到" in listed
    everything = get(app, "/photos/list?org=331121209200", cookie).text
    address = f"/photos/h1/{digest_of(HERE)}"
    assert f'src="{address}/thumbnail"' in everything
    shown = get(app, address, cookie)
    assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, HERE, "image/jpeg")
    assert get(app, f"{address}/thumbnail", cookie).status_code == 200


@pytest.mark.parametrize("login", ["stranger", "other-county", "neighbour"])
def test_nobody_sees_a_photo_of_people_who_are_not_his(
    app: FastAPI, two_phones: tuple[Phone, Phone], login: str
) -> None:
    make_waiting(app.state.photos)
    cookie = cookie_of(app, login)
    address = f"/photos/h1/{digest_of(HERE)}"
    hidden = [get(app, path, cookie).status_code for path in (address, f"{address}/thumbnail")]
    assert hidden == [404, 404]
    assert get(app, "/photos?org=331121209200", cookie).status_code == 403
    assert get(app, "/photos/list?org=331121209200", cookie).status_code == 403


def test_pages_of_photos_follow_one_another(
    app: FastAPI, engine: Engine, two_phones: tuple[Phone, Phone], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_server.photos.totals.PAGE_PHOTOS", 2)
    seen, after = [], ""
    with reading(engine) as connection:
        while True:
            found = photos_in(connection, Scope((TOWN,)), CAMPAIGN, after=after)
            seen.append([photo.record for photo in found.photos])
            if not (after := found.cursor):
                break
    assert seen == [["h1", "h2"], ["h3", "h4"], ["h5"]]
