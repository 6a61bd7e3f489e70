"""The city goes into a demo's database or an empty one, the same each time, and into no other."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from app.domain.campaign import Campaign
from app.domain.errors import BadInput
from sync_server.cli.demo import run_demo
from sync_server.db.engine import open_engine, reading, writing
from sync_server.db.tables import heads, settings_kept
from sync_server.demo import plant as plant_module
from sync_server.demo.accounts import ACCOUNTS, PASSWORD, VILLAGE
from sync_server.demo.city import SIZES, Part, Size, worker_of
from sync_server.demo.plant import CAMPAIGN, plant
from sync_server.records.accounts import sign_in
from sync_server.records.campaigns import campaign
from sync_server.records.city import open_city
from sync_server.settings import Settings
from sync_server.summary.cells import count_cells, to_json

TODAY = date(2026, 7, 25)
TINY = Size(people=900, visits=600, in_units=60, showcase=36)
ORGANISATIONS = ("331127102209", "331127102", "331127", "3311")


class Begun(Exception):
    """A city is being made, which is all that a test wants to know."""


def stop(_: Part) -> None:
    raise Begun


@pytest.fixture(scope="module", autouse=True)
def tiny() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SIZES, "tiny", TINY)
        yield


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, tiny: None) -> Path:
    """A folder with a demo that only reading tests may use."""
    folder = tmp_path_factory.mktemp("demo")
    plant(url_in(folder), size="tiny", seed=3, today=TODAY).engine.dispose()
    return folder


@pytest.fixture
def copied(planted: Path, tmp_path: Path) -> Path:
    """A folder with a demo of one's own."""
    shutil.copyfile(planted / "zoufang.sqlite", tmp_path / "zoufang.sqlite")
    return tmp_path


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'zoufang.sqlite'}"


def records_in(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.execute(select(heads.c.record).order_by(heads.c.record)).scalars())


def tables_in(engine: Engine) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        found = campaign(connection, CAMPAIGN)
        tables = [to_json(count_cells(connection, found, org)) for org in ORGANISATIONS]
    for table in tables:
        del table["as_of"]["at"]
    return tables


def test_two_demos_of_one_seed_and_day_hold_the_same_records_and_tables(
    planted: Path, tmp_path: Path
) -> None:
    first = open_engine(url_in(planted))
    second = plant(url_in(tmp_path), size="tiny", seed=3, today=TODAY).engine
    assert records_in(first) == records_in(second)
    assert tables_in(first) == tables_in(second)


def test_the_citys_table_counts_a_person_of_two_rosters_once(planted: Path) -> None:
    engine = open_engine(url_in(planted))
    with reading(engine) as connection:
        table = count_cells(connection, campaign(connection, CAMPAIGN), "3311")
    assert len(table.children) == 9 + 8
    assert table.adjustment["A2"] > 0
    assert (
        table.total.cells["A2"]
        == sum(int(r.cells["A2"] or 0) for r in table.children) - table.adjustment["A2"]
    )


def test_the_campaign_is_in_its_last_week_and_keeps_its_code(planted: Path) -> None:
    engine = open_engine(url_in(planted))
    with reading(engine) as connection:
        found: Campaign = campaign(connection, "lishui-2022")
    assert (found.name, found.ends_on) == ("八一大走访活动（演示）", date(2026, 7, 31))


def test_every_account_signs_in_and_the_worker_made_the_villages_visits(planted: Path) -> None:
    engine = open_engine(url_in(planted))
    signed_in = {
        a.login: sign_in(engine, a.login, PASSWORD, "测试", now_ms=0).device.account for a in ACCOUNTS
    }
    assert {a.login: a.organisation for a in ACCOUNTS} == {
        login: account.organisation.code for login, account in signed_in.items() if account
    }
    worker = signed_in[VILLAGE.login]
    with reading(engine) as connection:
        found = campaign(connection, CAMPAIGN)
    assert worker is not None and worker.id == worker_of(3, VILLAGE.organisation, found)


def test_the_same_demo_again_is_reused_with_what_was_recorded_in_it(copied: Path) -> None:
    before = records_in(open_engine(url_in(copied)))
    again = plant(url_in(copied), size="tiny", seed=3, today=None, on_part=stop)
    assert (again.is_reused, again.today, records_in(again.engine)) == (True, TODAY, before)


@pytest.mark.parametrize("other", [{"seed": 4}, {"today": date(2026, 7, 26)}], ids=["seed", "day"])
def test_another_seed_or_day_takes_the_place_of_a_demo(copied: Path, other: dict[str, Any]) -> None:
    first = records_in(open_engine(url_in(copied)))
    wanted: dict[str, Any] = {"size": "tiny", "seed": 3, "today": TODAY} | other
    with pytest.raises(Begun):
        plant(url_in(copied), **wanted, on_part=stop)
    second = records_in(open_engine(url_in(copied)))
    assert second
    assert not set(first) & set(second)


def test_an_interrupted_demo_is_made_anew(planted: Path, tmp_path: Path) -> None:
    with pytest.raises(Begun):
        plant(url_in(tmp_path), size="tiny", seed=3, today=TODAY, on_part=stop)
    again = plant(url_in(tmp_path), size="tiny", seed=3, today=TODAY)
    assert not again.is_reused
    assert records_in(again.engine) == records_in(open_engine(url_in(planted)))


def test_a_demo_of_an_older_edition_is_made_anew(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plant_module, "EDITION", plant_module.EDITION + 1)
    with pytest.raises(Begun):
        plant(url_in(copied), size="tiny", seed=3, today=TODAY, on_part=stop)


def test_a_database_with_records_of_others_is_refused_and_left_as_it_was(copied: Path) -> None:
    engine = open_engine(url_in(copied))
    with writing(engine) as connection:
        connection.execute(settings_kept.delete().where(settings_kept.c.name == "demo"))
    before = records_in(engine)
    with pytest.raises(BadInput, match="不是演示用的，没有动它"):
        plant(url_in(copied), size="tiny", seed=3, today=TODAY)
    assert records_in(engine) == before


def test_a_server_that_nobody_used_yet_may_become_a_demo(tmp_path: Path) -> None:
    open_engine(url_in(tmp_path)).dispose()
    with pytest.raises(Begun):
        plant(url_in(tmp_path), size="tiny", seed=3, today=TODAY, on_part=stop)


def test_a_file_that_is_no_database_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "zoufang.sqlite"
    file.write_bytes(b"not a database " * 500)
    with pytest.raises(BadInput, match="没有动它"):
        plant(url_in(tmp_path), size="tiny", seed=3, today=TODAY)
    assert file.read_bytes() == b"not a database " * 500


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "zoufang.sqlite")
    other.execute("CREATE TABLE notes (text)")
    other.commit()
    other.close()
    with pytest.raises(BadInput, match="没有动它"):
        plant(url_in(tmp_path), size="tiny", seed=3, today=TODAY)


def test_an_unknown_size_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="没有叫“huge”的规模。请用 small 或 lishui"):
        run_demo(size="huge", data=tmp_path, port=8000, seed=1, serve=False)
    assert not (tmp_path / "zoufang.sqlite").exists()


def test_the_command_prints_accounts_and_what_to_do_next(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_demo(size="tiny", data=copied, port=8123, seed=3, serve=False, today=TODAY)
    said = capsys.readouterr().out
    assert all(a.login in said for a in ACCOUNTS)
    assert PASSWORD in said
    lines = said.splitlines()
    assert "手机端：zoufang build-web（先组装，第一次约一分钟）" in lines
    assert f"启动：zoufang serve --data {copied} --port 8123" in lines
    assert f"汇总表：zoufang report lishui-2022 --org 3311 --data {copied}" in lines


def test_a_port_in_use_is_said_before_a_city_is_made(tmp_path: Path) -> None:

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BadInput, match="请用 --port 换一个"):
            run_demo(size="tiny", data=tmp_path, port=taken.getsockname()[1], seed=3, serve=True)
    assert not (tmp_path / "zoufang.sqlite").exists()


def test_a_server_on_a_demo_keeps_the_demo_own_dates(copied: Path) -> None:
    engine = open_city(Settings(data=copied, database_url=url_in(copied)))
    with reading(engine) as connection:
        assert campaign(connection, CAMPAIGN).starts_on <= TODAY <= campaign(connection, CAMPAIGN).ends_on


def test_the_mark_says_what_the_city_was_made_from(planted: Path) -> None:
    engine = open_engine(url_in(planted))
    with reading(engine) as connection:
        query = select(settings_kept.c.value).where(settings_kept.c.name == "demo")
        mark = json.loads(connection.execute(query).scalar_one())
    del mark["schema"]
    assert mark == {"size": "tiny", "seed": 3, "today": "2026-07-25", "edition": 3, "is_complete": True}
