"""`zoufang report`: the summary table of one organisation, as a workbook, as JSON, or on the screen."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console

from app.domain.errors import BadInput
from app.domain.reasons import os_reason
from sync_server.cli.data import open_to_count
from sync_server.cli.screen import print_table
from sync_server.db.engine import reading
from sync_server.records import campaigns
from sync_server.summary.cells import count_cells, to_json
from sync_server.summary.layout import moment
from sync_server.summary.xlsx import workbook

_MADE_BY = "服务器命令"


def run_report(*, campaign: str, org: str, out: Path | None, data: Path | None, as_json: bool) -> None:
    """Count, then write `out` and print JSON as asked; with neither, print the table.

    Raises UnknownCode for a campaign or organisation that is not ours, BadInput where `out` cannot
    be written.
    """
    if out is not None and out.suffix.lower() != ".xlsx":
        raise BadInput(f"输出文件 {out.name} 应以 .xlsx 结尾。请换一个文件名。", field="out")
    engine = open_to_count(data, campaign=campaign)
    with reading(engine) as connection:
        table = count_cells(connection, campaigns.campaign(connection, campaign), org)
    engine.dispose()
    if out is not None:
        _write(out, workbook(table, by=_MADE_BY))
    if as_json:
        print(json.dumps(to_json(table), ensure_ascii=False))
    elif out is not None:
        print(f"已写好 {out}：{table.name}，数据截至{moment(table)}。")
    else:
        print_table(Console(), table)


def _write(out: Path, content: bytes) -> None:
    try:
        out.write_bytes(content)
    except OSError as fault:
        raise BadInput(f"写不了 {out}：{os_reason(fault)}。请换一个能写的位置。", field="out") from fault
