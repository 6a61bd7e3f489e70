"""`zoufang report` and `zoufang export` as an operator runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from sync_server.records.city import open_city
from sync_server.settings import Settings
from sync_server.summary.csv_files import COLUMNS_FILE, FILES
from tests.postgres import Database


def zoufang(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sync_server", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[str]:
    """The folder of a server that has started: divisions and campaigns, nobody on the roster."""
    folder = tmp_path_factory.mktemp("data")
    url = database.fresh(folder)
    open_city(Settings(data=folder, database_url=url)).dispose()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOUFANG_DATABASE", url)
        yield str(folder)


@pytest.fixture
def nothing(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder, and an address, where no server has ever been."""
    monkeypatch.setenv("ZOUFANG_DATABASE", database.fresh(tmp_path))
    return str(tmp_path / "mistyped")


def test_report_prints_json_and_writes_the_workbook(data: str, tmp_path: Path) -> None:
    out = tmp_path / "table.xlsx"
    told = zoufang("report", "lishui-2022", "--org", "331121", "--out", str(out), "--json", "--data", data)
    assert (told.returncode, told.stderr) == (0, "")
    said = json.loads(told.stdout)
    assert (said["org"], said["as_of"]["feed"], len(said["rows"])) == ("331121", 0, 33)
    assert said["rows"][-1]["org"] == "331121"
    assert (said["rows"][-1]["cells"]["C1"], said["rows"][-1]["cells"]["C2"]) == (0, None)
    assert openpyxl.load_workbook(out).active["A2"].value == "填报单位：青田县"


def test_report_names_a_township_in_full(data: str, tmp_path: Path) -> None:
    out = tmp_path / "table.xlsx"
    told = zoufang("report", "lishui-2022", "--org", "331121209", "--out", str(out), "--data", data)
    assert told.returncode == 0
    assert openpyxl.load_workbook(out).active["A2"].value == "填报单位：青田县巨浦乡"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(
            ("lishui-1999", "--org", "3311"), "没有活动 lishui-1999。现有：lishui-2022", id="campaign"
        ),
        pytest.param(("lishui-2022", "--org", "99"), "没有代码为 99 的单位", id="organisation"),
        pytest.param(
            ("lishui-2022", "--org", "3311", "--out", "table.pdf"), "应以 .xlsx 结尾", id="not a workbook"
        ),
        pytest.param(
            ("lishui-2022", "--org", "3311", "--out", "/nowhere/t.xlsx"), "写不了", id="no such folder"
        ),
    ],
)
def test_a_wrong_argument_is_one_sentence_and_exit_code_2(data: str, arguments: tuple, words: str) -> None:
    told = zoufang("report", *arguments, "--data", data)
    assert (told.returncode, told.stdout, told.stderr.count("\n")) == (2, "", 1)
    assert words in told.stderr


def test_export_writes_every_file_and_says_how_many_lines(data: str, tmp_path: Path) -> None:
    told = zoufang(
        "export", "lishui-2022", "--org", "331121209", "--out", str(tmp_path / "out"), "--data", data
    )
    assert told.returncode == 0
    names = {file.name for file in FILES} | {COLUMNS_FILE}
    assert {f.name for f in (tmp_path / "out").iterdir()} == names


def test_export_makes_its_folder_but_not_the_one_above(data: str, tmp_path: Path) -> None:
    out = tmp_path / "mistyped" / "out"
    told = zoufang("export", "lishui-2022", "--org", "331121209", "--out", str(out), "--data", data)
    said = f"写不了文件夹 {out}：没有这个文件夹或文件。请换一个能写的位置。\n"
    assert (told.returncode, told.stderr, out.parent.exists()) == (2, said, False)


@pytest.mark.parametrize("arguments", [("lishui-1999",), ("lishui-2022", "--org", "99")])
def test_export_of_something_unknown_writes_nothing(data: str, tmp_path: Path, arguments: tuple) -> None:
    told = zoufang("export", *arguments, "--out", str(tmp_path / "out"), "--data", data)
    assert (told.returncode, told.stderr.count("\n"), (tmp_path / "out").exists()) == (2, 1, False)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("report", "lishui-2022", "--org", "3311", "--json"), id="report"),
        pytest.param(("export", "lishui-2022", "--out", "out"), id="export"),
    ],
)
def test_a_folder_without_a_database_is_refused_and_stays_without(
    nothing: str, tmp_path: Path, arguments: tuple
) -> None:
    before = sorted(tmp_path.iterdir())
    told = zoufang(*arguments, "--data", nothing)
    sentence = f"数据文件夹 {nothing} 里没有数据库，无数可算。请用 --data 写明服务器用的那个文件夹。\n"
    assert (told.returncode, told.stdout, told.stderr) == (2, "", sentence)
    assert sorted(tmp_path.iterdir()) == before
