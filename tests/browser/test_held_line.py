"""The held line: visits saved on a phone without network reach the township's, county's and city's table.

A real Chromium as a phone, the real server with the demo's city, everything through accessible labels.
"Offline" is both: the browser is told that it has no network, and the server is gone.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import openpyxl
import pytest
from playwright.sync_api import BrowserContext, Locator, expect
from pypinyin import Style, lazy_pinyin

from app.domain.campaign import Campaign
from app.domain.groups import belongs
from app.domain.merge import Head
from app.domain.models import Person
from app.domain.names import mask_name
from app.domain.wire import SyncHeader, decode_answer, encode_request
from sync_server.asgi import create_app
from sync_server.assets import divisions
from sync_server.settings import Settings
from sync_server.summary.xlsx import FIRST_DATA_ROW
from tests.browser.phone import START_LIMIT_MS, Phone
from tests.browser.serving import LocalServer

pytestmark = pytest.mark.browser
SYNC_LIMIT_MS = 60_000
PASSWORD = "zoufang"
ZOUFANG = Path(sys.executable).with_name("zoufang")

Cells = dict[str, float]
Sheet = dict[str, Cells]  # row title -> column id -> figure


@dataclass(frozen=True)
class City:
    """The demo's server, the worker's village, and people there whom nobody has tried to reach."""

    server: LocalServer
    campaign: Campaign
    village: str
    people: list[Person]


@pytest.fixture
def city(tmp_path: Path, site: Path) -> Iterator[City]:
    data = tmp_path / "city"
    command = [ZOUFANG, "demo", "--no-serve", "--data", data, "--seed", "2022"]
    subprocess.run(command, check=True, capture_output=True)
    server = LocalServer(create_app(Settings.at(data), site=site)).start()
    worker = _sign_in(server, "village")
    everyone = _feed(server, _sign_in(server, "city"))
    yield City(
        server,
        Campaign.model_validate(worker["campaign"]),
        worker["villages"][0],
        _untried(everyone, worker["villages"][0]),
    )
    server.stop()


def test_visits_saved_offline_stand_in_all_three_tables(
    city: City, chromium_context: BrowserContext, open_phone: Callable[[str], Phone]
) -> None:
    visited, phoned = [p for p in city.people if p.away in (None, "HOME")][:2]
    away = next(p for p in city.people if p.away not in (None, "HOME"))
    before = _tables(city)

    phone = open_phone(city.server.app_url)
    _sign_in_on(phone)
    phone.screenshot("held-1-today")
    phone.wait_until_kept()
    chromium_context.set_offline(True)
    city.server.stop()

    _record(phone, visited, "上门", "见到本人", done=("政策通报", "送法入户"), cash="200")
    _record(phone, phoned, "电话", "联系到家属")
    phone.screenshot("held-2-saved-offline")
    _record(phone, away, "视频", "联系到本人")
    phone.close()

    phone = open_phone(city.server.app_url)
    phone.button("记录，3 条还没送到").wait_for(timeout=START_LIMIT_MS)
    phone.go("记录，3 条还没送到", _saved(phone, visited, "上门", "存在本机"))
    for person, method in ((visited, "上门"), (phoned, "电话"), (away, "视频")):
        expect(_saved(phone, person, method, "存在本机")).to_have_count(1, timeout=SYNC_LIMIT_MS)
    phone.screenshot("held-3-reopened-offline")
    assert _is_gone(city.server)

    city.server.start()
    chromium_context.set_offline(False)
    phone.button("记录").wait_for(timeout=SYNC_LIMIT_MS)
    for person, method in ((visited, "上门"), (phoned, "电话"), (away, "视频")):
        expect(_saved(phone, person, method, "市里已收到")).to_have_count(1, timeout=SYNC_LIMIT_MS)
    phone.screenshot("held-4-received")

    after = _tables(city)
    expected = _expected(city.campaign, visited=visited, phoned=phoned, away=away)
    assert {org: _difference(before[org], after[org]) for org in after} == {
        org: dict.fromkeys((child, "合计"), expected) for org, child in _lines(city).items()
    }
    assert phone.foreign_requests() == []


def _sign_in_on(phone: Phone) -> None:
    phone.labelled("账号").wait_for(timeout=START_LIMIT_MS)
    phone.fill("账号", "village")
    phone.fill("密码", PASSWORD)
    phone.tap("登录")
    seen = re.compile(r"^还有 \d+ 人没联系到，看名单$")
    phone.page.get_by_role("button", name=seen).wait_for(timeout=SYNC_LIMIT_MS)


def _record(
    phone: Phone, person: Person, method: str, result: str, *, done: tuple[str, ...] = (), cash: str = ""
) -> None:
    """Find the person by initials and record a visit, as a worker would."""
    phone.tap("名册")
    initials = "".join(lazy_pinyin(person.name, style=Style.FIRST_LETTER))
    phone.fill("搜索姓名、拼音首字母或自然村", initials)
    row = re.compile(f"^给{re.escape(_spoken(person))}.*记走访$")
    phone.touch(phone.page.get_by_role("button", name=row))
    for label in (f"方式 {method}", f"结果 {result}", *done):
        phone.choose(label)
    if cash:
        phone.touch(phone.page.get_by_role("button", name=re.compile("^慰问金、慰问品，")))
        phone.fill("慰问金（元）", cash)
    phone.tap("保存到本机")
    phone.text("已存在本机").wait_for()


def _spoken(person: Person) -> str:
    return f"{person.hamlet}{person.house}{mask_name(person.name)}"


def _saved(phone: Phone, person: Person, method: str, state: str) -> Locator:
    label = re.compile(rf"^{re.escape(mask_name(person.name))} 今天 \d+:\d\d {method}，{state}")
    return phone.page.get_by_role("button", name=label)


def _sign_in(server: LocalServer, login: str) -> dict:
    body = {"login": login, "password": PASSWORD, "label": "清单"}
    return httpx.post(f"{server.origin}/v1/sign-in", json=body).raise_for_status().json()


def _feed(server: LocalServer, account: dict) -> list[Head]:
    """Every record that the account may see, pulled page by page as a phone does."""
    heads: list[Head] = []
    cursor, more = None, True
    while more:
        header = SyncHeader(protocol=1, device=account["device"], cursor=cursor, sent_at=account["time"])
        answer = decode_answer(
            httpx.post(
                f"{server.origin}/v1/sync",
                content=encode_request(header, []),
                headers={
                    "Authorization": f"Bearer {account['token']}",
                    "Content-Type": "application/x-ndjson",
                },
            )
            .raise_for_status()
            .content
        )
        heads += answer.rows
        cursor, more = answer.end.cursor, answer.end.more
    return heads


def _untried(heads: list[Head], village: str) -> list[Person]:
    """Living people of the village, listed once, alone in their household, told apart, never visited."""
    tried = {h.values["person"] for h in heads if h.entity == "visit"}
    people = [Person.read(h.record, h.values) for h in heads if h.entity == "person"]
    numbers = Counter(p.id_number for p in people)
    households = Counter(p.household for p in people if p.household)
    here = [p for p in people if p.village == village]
    spoken = Counter(_spoken(p) for p in here)
    return [
        p
        for p in here
        if p.id not in tried
        and not (p.deceased or p.duplicate_of or p.no_call)
        and p.id_number
        and numbers[p.id_number] == 1
        and households.get(p.household or "", 0) < 2
        and spoken[_spoken(p)] == 1
    ]


def _lines(city: City) -> dict[str, str]:
    """For each table's organisation, the title of the line in which the village's visits must show."""
    known = divisions()
    orgs = (city.village[:9], city.village[:6], city.village[:4])
    below = (city.village, city.village[:9], city.village[:6])
    return {org: known[child].name for org, child in zip(orgs, below, strict=True)}


def _is_gone(server: LocalServer) -> bool:
    """True while nothing answers: what the phone shows then cannot have come from a server."""
    try:
        httpx.get(server.origin, timeout=2)
    except httpx.TransportError:
        return True
    return False


def _tables(city: City) -> dict[str, Sheet]:
    """The township's, the county's and the city's table, downloaded and read back cell by cell."""
    with httpx.Client(base_url=city.server.origin, follow_redirects=True, timeout=30) as client:
        client.post("/sign-in", data={"login": "city", "password": PASSWORD}).raise_for_status()
        return {
            org: _read_back(
                client.get("/table.xlsx", params={"org": org}).raise_for_status().content, city.campaign
            )
            for org in (city.village[:9], city.village[:6], city.village[:4])
        }


def _read_back(content: bytes, campaign: Campaign) -> Sheet:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    lines: Sheet = {}
    for row in sheet.iter_rows(min_row=FIRST_DATA_ROW, values_only=True):
        lines[str(row[0])] = dict(zip((c.id for c in campaign.columns), row[1:], strict=True))
        if row[0] == "合计":
            return lines
    raise AssertionError("the table has no line 合计")


def _difference(before: Sheet, after: Sheet) -> dict[str, Cells]:
    """What grew, by line and column; 覆盖率 follows from the others and is checked on its own."""
    assert before.keys() == after.keys()
    grown: dict[str, Cells] = {}
    for line, cells in after.items():
        for column, figure in cells.items():
            was = before[line][column]
            if column == "C2":
                _check_coverage(cells)
            elif figure != was:
                grown.setdefault(line, {})[column] = figure - was
    return grown


def _check_coverage(cells: Cells) -> None:
    if cells["A2"]:
        assert cells["C2"] == pytest.approx(cells["C1"] / cells["A2"], abs=0.0006)


def _expected(campaign: Campaign, *, visited: Person, phoned: Person, away: Person) -> Cells:
    """What three contacts with people not reached before must add, from the meaning of each column."""
    reached = (visited, phoned, away)
    in_group = {
        group.code: sum(belongs(group, p, on=campaign.reference_date, has_need=False) for p in reached)
        for group in campaign.groups
    }
    priority = [g for g in campaign.groups if g.care == "visit"]
    grown: dict[str, float] = {
        "persons_contacted": 3,
        "contacts": 3,
        "households_home": 1,
        "contacts_home": 1,
        "contacts_phone": 1,
        "contacts_video": 1,
        "persons_away_contacted": 1,
        "cash": 200,
        "checks:POLICY_BRIEFING": 1,
        "households_law": 1,
        "priority_visited": sum(
            any(belongs(g, p, on=campaign.reference_date, has_need=False) for g in priority) for p in reached
        ),
        **{f"group_visited:{code}": number for code, number in in_group.items()},
    }
    by_metric = {c.metric: c.id for c in campaign.columns}
    return {by_metric[m]: n for m, n in grown.items() if n and m in by_metric}
