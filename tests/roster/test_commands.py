"""`zoufang roster check` and `import`: what is left to a person shows in the exit code and in the JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sync_server.cli.roster import QUESTIONS_LEFT, check, import_file
from sync_server.cli.serve import settings_for
from sync_server.records.city import open_city
from tests.roster.sheets import write_workbook

QUESTION = "第 3 行的村名“老村”在巨浦乡里对不上唯一的村或社区，请改正。"


def _roster(folder: Path, village: str) -> Path:
    rows = [["青田县巨浦乡花名册"], ["姓名", "身份证号", "村"], ["徐岭平", "332522197808234359", village]]
    return write_workbook(folder / "roster.xlsx", {"Sheet1": rows})


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("ZOUFANG_DATABASE", raising=False)
    open_city(settings_for(tmp_path / "data")).dispose()
    return tmp_path / "data"


@pytest.mark.parametrize("as_json", [True, False])
def test_a_check_that_leaves_questions_exits_with_1_and_prints_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    with pytest.raises(SystemExit) as ended:
        check(_roster(tmp_path, "老村"), as_json=as_json, township=None)
    printed = capsys.readouterr().out
    assert ended.value.code == QUESTIONS_LEFT == 1
    assert QUESTION in (
        json.loads(printed)["questions"] if as_json else printed.replace("\n", "").replace("请说明：", "")
    )


@pytest.mark.parametrize("as_json", [True, False])
def test_an_import_stores_what_it_read_exits_with_1_and_prints_the_questions(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    with pytest.raises(SystemExit) as ended:
        import_file(_roster(tmp_path, "老村"), data=data, as_json=as_json, township=None)
    printed = capsys.readouterr().out
    assert ended.value.code == QUESTIONS_LEFT
    if as_json:
        report = json.loads(printed)
        assert (report["new"], report["questions"]) == (1, [QUESTION])
    else:
        assert QUESTION in printed.replace("\n", "")
        assert "新增 1 人" in printed


def test_a_roster_that_says_everything_is_checked_and_imported_without_an_exit_code(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _roster(tmp_path, "巨浦村")
    check(path, as_json=True, township=None)
    assert json.loads(capsys.readouterr().out)["questions"] == []
    import_file(path, data=data, as_json=True, township=None)
    assert json.loads(capsys.readouterr().out)["questions"] == []


def test_no_problem_is_reported_only_where_nothing_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(_roster(tmp_path, "巨浦村"), as_json=False, township=None)
    assert "没有发现问题" in capsys.readouterr().out
    rows = [["巨浦乡花名册"], ["姓名", "身份证号", "村", "心愿"]]
    rows += [["徐岭平", "332522197808234359", "巨浦村", "种树"]]
    with pytest.raises(SystemExit):
        check(write_workbook(tmp_path / "wish.xlsx", {"S": rows}), as_json=False, township=None)
    printed = capsys.readouterr().out
    assert "请说明" in printed
    assert "没有发现问题" not in printed


def test_a_long_list_of_problems_says_where_the_rest_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows: list[list[str | None]] = [["巨浦乡花名册"], ["姓名", "身份证号", "村"]]
    rows += [[name, None, "巨浦村"] for name in ("徐甲", "徐乙", "徐丙", "徐丁", "徐戊", "徐己", "徐庚")]
    rows += [[name, None, "巨浦村"] for name in ("章甲", "章乙", "章丙", "章丁", "章戊", "章己", "章庚")]
    check(write_workbook(tmp_path / "long.xlsx", {"S": rows}), as_json=False, township=None)
    assert "等，加--json列出全部" in "".join(c for c in capsys.readouterr().out if c not in " \n│")


def test_a_repeated_import_does_not_claim_to_mark_the_dead_again(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["巨浦乡花名册"], ["姓名", "身份证号", "村", "备注"]]
    rows += [["徐岭平", "332522197808234359", "巨浦村", "2021年12月去世"]]
    path = write_workbook(tmp_path / "dead.xlsx", {"S": rows})
    for _ in range(2):
        import_file(path, data=data, as_json=False, township=None)
    printed = "".join(capsys.readouterr().out.split())
    assert "没有变化1人；名册上已故1人" in printed
    assert "标为已故" not in printed
