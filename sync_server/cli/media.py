"""`zoufang media verify`: whether every photo that the server has said to hold is there and whole."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import typer

from sync_server.cli.data import open_to_manage, settings_for
from sync_server.photos.shelf import open_shelf
from sync_server.photos.verify import MISSING, Checked, Fault, check_all
from sync_server.state import unix_ms

FAULTS_FOUND = 1  # the exit code; 2 is a wrong input, as everywhere
_SHOWN = 200


def verify(*, data: Path | None, as_json: bool) -> None:
    """Hash everything in the store, print what was found, and end with FAULTS_FOUND if something was.

    Raises BadInput or BadConfig for a folder that holds no database, Unavailable if the store is not there.
    """
    engine = open_to_manage(data)
    checked = check_all(open_shelf(engine, settings_for(data)), now_ms=unix_ms)
    engine.dispose()
    print(json.dumps(asdict(checked), ensure_ascii=False) if as_json else "\n".join(_lines(checked)))
    if checked.faults:
        raise typer.Exit(FAULTS_FOUND)


def _lines(checked: Checked) -> list[str]:
    missing = sum(fault.fault == MISSING for fault in checked.faults)
    damaged = len(checked.faults) - missing
    lines = [f"查了 {checked.photos:,} 张照片和视频，共 {checked.size_bytes / 2**20:,.1f} MB。"]
    lines += [_line(fault) for fault in checked.faults[:_SHOWN]]
    if len(checked.faults) > _SHOWN:
        lines.append(f"……另有 {len(checked.faults) - _SHOWN:,} 张，用 --json 看全部。")
    if checked.faults:
        lines.append(f"缺 {missing:,} 张，坏 {damaged:,} 张。还存着原件的手机一天之内联网就会再传。")
    else:
        lines.append("都在，都完好。")
    if checked.strays:
        lines.append(f"另有 {checked.strays:,} 个文件没有登记，是中断的传送留下的，不影响已有的照片。")
    return lines


def _line(fault: Fault) -> str:
    what = "缺" if fault.fault == MISSING else "坏"
    records = "、".join(fault.records) or "没有"
    return f"{what} {fault.sha256} 照片记录：{records} 传它的设备：{'、'.join(fault.devices) or '没有'}"
