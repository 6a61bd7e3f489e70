"""`zoufang device`: which devices there are, and switching one off that was lost."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sync_server.cli.data import open_to_manage
from sync_server.db.engine import reading, writing
from sync_server.records.devices import ListedDevice, list_devices, revoke_listed
from sync_server.records.organisations import organisation
from sync_server.records.scope import scope_of
from sync_server.state import unix_ms

_WIDE = 1000  # a table takes the width that it needs: an id that is cut cannot be copied
_CHINA = timezone(timedelta(hours=8))


def print_devices(*, org: str | None, login: str | None, data: Path | None, as_json: bool) -> None:
    """List the devices of an organisation and those below it, of one account, or all; the last seen first."""
    with reading(open_to_manage(data)) as connection:
        scope = scope_of(organisation(connection, org)) if org else None
        found = list_devices(connection, scope, login)
    if as_json:
        print(json.dumps([asdict(device) for device in found], ensure_ascii=False, indent=2))
        return
    if not found:
        Console().print("没有登录过的设备。")
        return
    table = Table("设备", "名称", "账号", "单位", "登录", "最近联系", "已收", "状态")
    for device in found:
        table.add_row(*_cells(device))
    Console(width=_WIDE).print(table)


def revoke(device: str, *, data: Path | None) -> None:
    """Switch a device off; what it still sends is kept for a reviewer."""
    with writing(open_to_manage(data)) as connection:
        found = revoke_listed(connection, device, now_ms=unix_ms())
    name = f"“{escape(found.label)}”" if found.label else ""
    Console().print(
        f"设备 {found.id}{name}（账号 {escape('、'.join(found.logins))}）已停用。"
        "它不再取得任何名单；没传完的记录仍会收下，交审核员处理。",
        soft_wrap=True,
    )


def _cells(device: ListedDevice) -> list[str]:
    return [
        device.id,
        escape(device.label),  # what a phone calls itself is text, no markup
        escape("、".join(device.logins)),
        device.organisation,
        _when(device.created_at),
        _when(device.last_seen_at),
        str(device.have),
        "在用" if device.revoked_at is None else f"{_when(device.revoked_at)} 停用",
    ]


def _when(ms: int | None) -> str:
    return datetime.fromtimestamp(ms / 1000, _CHINA).strftime("%Y-%m-%d %H:%M") if ms else "—"
