"""`zoufang roster check` and `import`: what was understood of a roster, and what became of it."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.domain.divisions import Divisions
from sync_server.assets import divisions
from sync_server.cli.data import open_to_fill
from sync_server.roster import Roster, RowRef, read_roster, to_json
from sync_server.roster.store import ImportReport, import_roster
from sync_server.state import unix_ms

_KINDS = {
    "digits_lost": "号码位数已丢失：请补全号码",
    "checksum": "校验码不符：请核对号码",
    "missing_id": "没有号码：请补号码",
    "duplicate_of": "重复登记：已标明，不重复计人",
    "unknown_village": "看不出是哪个村：先归在乡镇名下",
}
_ROWS_SHOWN = 12
QUESTIONS_LEFT = 1  # exit code: read (and stored), but somebody has to say more


def check(file: Path, *, as_json: bool, township: str | None) -> None:
    """Say row by row what was understood; stores nothing. Exits 1 if questions are left."""
    known = divisions()
    roster = read_roster(file, known, township)
    if as_json:
        print(json.dumps(to_json(roster), ensure_ascii=False, indent=1))
    else:
        console = Console()
        _print_summary(console, roster, known)
        _print_problems(console, _problems(roster), roster.questions)
        _print_questions(console, roster.questions)
    if roster.questions:
        sys.exit(QUESTIONS_LEFT)


def import_file(file: Path, *, data: Path | None, as_json: bool, township: str | None) -> None:
    """Store the roster, whole or not at all, and say what changed. Exits 1 if questions are left."""
    known = divisions()
    roster = read_roster(file, known, township)
    with open_to_fill(data) as engine:
        report = import_roster(engine, roster, unix_ms())
    if as_json:
        print(json.dumps(report.to_json(), ensure_ascii=False, indent=1))
    else:
        console = Console()
        _print_summary(console, roster, known)
        _print_problems(console, report.problems, report.questions)
        _print_report(console, report)
        _print_questions(console, report.questions)
    if report.questions:
        sys.exit(QUESTIONS_LEFT)


def _print_summary(console: Console, roster: Roster, known: Divisions) -> None:
    of_village: dict[str | None, int] = defaultdict(int)
    for row in roster.rows:
        of_village[row.village] += 1
    table = Table(title=f"{known.path(roster.township)}：{len(roster.rows)} 行", title_justify="left")
    table.add_column("村（社区）")
    table.add_column("行数", justify="right")
    for village in known.children(roster.township):
        if village.code in of_village:
            table.add_row(village.name, str(of_village[village.code]))
    if None in of_village:
        table.add_row("（看不出）", str(of_village[None]))
    console.print(table)
    console.print(f"已故 {len(roster.deceased)} 人。")


def _print_problems(
    console: Console, problems: Mapping[str, Sequence[RowRef]], questions: Sequence[str]
) -> None:
    if not problems:
        if not questions:
            console.print("没有发现问题。")
        return
    table = Table(title="需要核对", title_justify="left")
    table.add_column("问题")
    table.add_column("行数", justify="right")
    table.add_column("哪些行", overflow="fold")
    for kind, refs in problems.items():
        table.add_row(_KINDS.get(kind, kind), str(len(refs)), _rows(refs))
    console.print(table)


def _print_questions(console: Console, questions: Sequence[str]) -> None:
    for question in questions:
        console.print(f"请说明：{question}")


def _print_report(console: Console, report: ImportReport) -> None:
    console.print(
        f"已存：新增 {report.new} 人，更新 {report.changed} 人，没有变化 {report.unchanged} 人；"
        f"名册上已故 {report.deceased} 人。"
    )
    if report.conflicts:
        console.print(f"有 {report.conflicts} 人的资料与走访员改过的不一致，两个值都留着，等走访员确认。")
    if report.missing:
        console.print(f"上一份名册里的 {report.missing} 人这次没有列出，仍然保留。")
    if report.unplaced_deceased:
        console.print(f"已故表里这些行在名册上找不到人，没有登记：{_rows(report.unplaced_deceased)}。")


def _problems(roster: Roster) -> dict[str, list[RowRef]]:
    found: dict[str, list[RowRef]] = defaultdict(list)
    for row in roster.rows:
        ref = row.ref
        if row.problem is not None:
            found[row.problem].append(ref)
        if row.village is None:
            found["unknown_village"].append(ref)
    return found


def _rows(refs: Sequence[RowRef]) -> str:
    of_sheet: dict[str, list[str]] = defaultdict(list)
    for ref in refs[:_ROWS_SHOWN]:
        of_sheet[ref.sheet].append(f"{ref.row}（{ref.column} 列）" if ref.column else str(ref.row))
    shown = "；".join(
        f"{sheet} 第 {'、'.join(rows)} 行".replace("） 行", "）行") for sheet, rows in of_sheet.items()
    )
    return f"{shown}等，加 --json 列出全部" if len(refs) > _ROWS_SHOWN else shown
