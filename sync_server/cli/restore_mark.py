"""`zoufang restore-mark`: said once after the database was put back from a backup."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from sync_server.cli.data import open_to_manage
from sync_server.db.engine import writing
from sync_server.records.feed import begin_epoch, feed_end


def mark_restored(*, data: Path | None) -> None:
    """Begin a new epoch, so that phones offer again what the backup did not hold."""
    with writing(open_to_manage(data)) as connection:
        begin_epoch(connection)
        last = feed_end(connection)
    Console().print(
        f"已记下：数据库从备份恢复过，备份记到第 {last} 号。手机下次传送时补传以后的记录，并重新取名单。",
        soft_wrap=True,
    )
