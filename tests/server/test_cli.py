"""The commands: what they print, and exit code 2 with one sentence for anything wrong."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sync_server.__main__ import main
from sync_server.records.accounts import sign_in
from sync_server.records.city import open_city
from sync_server.settings import Settings
from tests.fakes import NOON

TOWN_A = Path(__file__).parents[1] / "fixtures" / "roster-town-a.xlsx"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def zoufang(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command on a data folder of the test's own; `typed` is what the keyboard says."""

    def run(*words: str, typed: str = "") -> Ran:
        monkeypatch.setenv("ZOUFANG_DATA", str(tmp_path / "data"))
        monkeypatch.setattr(sys, "argv", ["zoufang", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run


def test_check_stores_nothing_and_says_each_row(zoufang: Run, tmp_path: Path) -> None:
    ran = zoufang("roster", "check", str(TOWN_A), "--json")
    assert (ran.code, len(json.loads(ran.out)["rows"])) == (0, 436)
    assert not (tmp_path / "data").exists()


def test_check_lists_villages_and_problems_with_their_rows(zoufang: Run) -> None:
    ran = zoufang("roster", "check", str(TOWN_A))
    assert ran.code == 0
    for word in ("青田县巨浦乡：436 行", "巨浦村村委会", "校验码不符", "已故 3 人"):
        assert word in ran.out


def test_import_tells_what_changed_and_the_second_time_nothing(zoufang: Run) -> None:
    reports = [json.loads(zoufang("roster", "import", str(TOWN_A), "--json").out) for _ in range(2)]
    assert [(r["new"], r["changed"], r["unchanged"]) for r in reports] == [(436, 0, 0), (0, 0, 436)]
    assert "没有变化 436 人" in zoufang("roster", "import", str(TOWN_A)).out


def test_an_account_signs_in_where_it_was_made(zoufang: Run) -> None:
    ran = zoufang("account", "add", "w1", "--org", "331121209200", "--role", "RECORDER", typed="secret12\n")
    assert (ran.code, "巨浦村" in ran.out) == (0, True)


def test_a_backup_put_back_is_told_how_far_it_goes(zoufang: Run) -> None:
    zoufang("roster", "import", str(TOWN_A))
    ran = zoufang("restore-mark")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("已记下：数据库从备份恢复过，备份记到第 436 号。")


def test_an_account_moves_to_another_station(zoufang: Run) -> None:
    zoufang("account", "add", "w1", "--org", "331121209200", "--role", "RECORDER", typed="secret12\n")
    ran = zoufang("account", "move", "w1", "--org", "331121209202")
    assert (ran.code, "331121209202" in ran.out) == (0, True)


def test_a_lost_phone_is_found_in_the_list_and_switched_off(zoufang: Run, tmp_path: Path) -> None:
    zoufang("account", "add", "w1", "--org", "331121209200", "--role", "RECORDER", typed="secret12\n")
    zoufang("account", "add", "w2", "--org", "331102001001", "--role", "RECORDER", typed="secret12\n")
    assert zoufang("device", "list").out == "没有登录过的设备。\n"
    engine = open_city(Settings.at(tmp_path / "data"))
    lost = sign_in(engine, "w1", "secret12", "丢的[red]手机", now_ms=NOON).device.id
    other = sign_in(engine, "w2", "secret12", "", now_ms=NOON).device.id
    engine.dispose()

    def listed(*words: str) -> list[tuple[str, list[str], bool]]:
        found = json.loads(zoufang("device", "list", "--json", *words).out)
        return [(d["id"], d["logins"], d["revoked_at"] is None) for d in found]

    assert sorted(listed()) == sorted([(lost, ["w1"], True), (other, ["w2"], True)])
    assert listed("--org", "331121") == [(lost, ["w1"], True)]
    assert listed("--login", "w2") == [(other, ["w2"], True)]
    ran = zoufang("device", "revoke", lost)
    assert (ran.code, f"设备 {lost}“丢的[red]手机”（账号 w1）已停用" in ran.out) == (0, True)
    assert listed("--org", "331121") == [(lost, ["w1"], False)]
    table = zoufang("device", "list").out
    assert all(word in table for word in (lost, other, "丢的[red]手机", "停用", "在用"))
    before = json.loads(zoufang("device", "list", "--json").out)
    assert zoufang("device", "revoke", lost).code == 0
    assert json.loads(zoufang("device", "list", "--json").out) == before


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["roster", "check", "nowhere.xlsx"], id="no file"),
        pytest.param(["roster", "import", "nowhere.xlsx"], id="no file to import"),
        pytest.param(["roster", "import", __file__], id="no workbook"),
        pytest.param(["account", "add", "w1", "--org", "331121209200", "--role", "KING"], id="no such role"),
        pytest.param(["account", "add", "w1", "--org", "1", "--role", "RECORDER"], id="no such organisation"),
        pytest.param(["account", "add", "w1", "--org", "3311", "--role", "RECORDER"], id="role does not fit"),
        pytest.param(["account", "move", "nobody", "--org", "3311"], id="no such account"),
        pytest.param(["device", "revoke", "nothing"], id="no such device"),
        pytest.param(["device", "list", "--org", "1"], id="no such organisation to list"),
    ],
)
def test_a_wrong_command_ends_in_one_sentence(zoufang: Run, words: list[str]) -> None:
    ran = zoufang(*words, typed="secret12\n")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert ran.err.endswith("。\n")
    assert "Traceback" not in ran.err


def test_a_data_folder_with_something_else_in_it_is_left_alone(zoufang: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    strange = tmp_path / "data" / "zoufang.sqlite"
    strange.write_bytes(b"\x89PNG an image, renamed" * 100)
    ran = zoufang("roster", "import", str(TOWN_A))
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert strange.read_bytes() == b"\x89PNG an image, renamed" * 100


def test_an_address_that_is_no_database_is_told(zoufang: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOUFANG_DATABASE", "no such thing")
    ran = zoufang("roster", "import", str(TOWN_A))
    assert (ran.code, "ZOUFANG_DATABASE" in ran.err) == (2, True)
