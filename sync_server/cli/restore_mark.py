"""`zoufang restore-mark`: said once after the database was put back from a backup."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from sync_server.cli.serve import settings_for
from sync_server.db.engine import writing
from sync_server.records.city import open_city
from sync_server.records.feed import begin_epoch


def mark_restored(*, data: Path | None) -> None:
    """Begin a new epoch, so that phones offer again what the backup did not hold."""
    with writing(open_city(settings_for(data))) as connection:
        epoch = begin_epoch(connection)
    Console().print(
        f"已记下：数据库从备份恢复过（标记 {epoch}）。手机下次传送时补传备份之后的记录，并重新取名单。",
        soft_wrap=True,
    )
