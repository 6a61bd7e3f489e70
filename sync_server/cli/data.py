"""Opening the data folder that a command was given, and what is said when it is not the one meant."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from app.domain.errors import BadConfig, BadInput
from sync_server.records.campaigns import FileFault
from sync_server.records.city import has_city, open_city
from sync_server.settings import Settings


def settings_for(data: Path | None, *, host: str = "127.0.0.1", port: int = 8000) -> Settings:
    """The settings of a command: its `--data`, or else the environment's."""
    if data is None:
        data = Settings.from_environment().data
    return Settings.at(data, host=host, port=port)


def open_to_count(data: Path | None, *, campaign: str) -> Engine:
    """The engine of a data folder that holds a database already, to count `campaign` from it.

    Raises BadInput where there is none: a mistyped folder would be counted as an empty city. Raises
    BadConfig for a broken file of this very campaign; any other fault is told on stderr and passed over.
    """
    faults: list[FileFault] = []
    engine = _open_what_is_there(data, faults.append, why="无数可算")
    for fault in faults:
        if fault.code == campaign and fault.is_wrong:
            engine.dispose()
            raise BadConfig(fault.sentence, field="campaign")
        _tell(fault)
    return engine


def open_to_manage(data: Path | None) -> Engine:
    """The engine of a data folder that holds a database already, to change its devices or accounts.

    Raises BadInput where there is none; a broken campaign file is told on stderr and passed over.
    """
    return _open_what_is_there(data, _tell, why="什么也没有改")


def _open_what_is_there(data: Path | None, on_fault: Callable[[FileFault], None], *, why: str) -> Engine:
    settings = settings_for(data)
    if not has_city(settings):
        raise BadInput(
            f"数据文件夹 {settings.data} 里没有数据库，{why}。请用 --data 写明服务器用的那个文件夹。",
            field="data",
        )
    return open_city(settings, on_fault=on_fault)


@contextmanager
def open_to_fill(data: Path | None) -> Iterator[Engine]:
    """The engine of a data folder, made if there is none.

    A new one is told on stderr once the block has put something into it, in case another was meant.
    """
    settings = settings_for(data)
    is_new = not has_city(settings)
    engine = open_city(settings, on_fault=_tell)
    yield engine
    engine.dispose()
    if is_new:
        print(f"数据文件夹 {settings.data} 里原来没有数据库，已新建。", file=sys.stderr)


def _tell(fault: FileFault) -> None:
    print(f"注意：{fault.sentence}", file=sys.stderr)
