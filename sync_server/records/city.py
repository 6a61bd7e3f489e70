"""Opening a city's data: the database with its organisations and campaigns in place."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

from app.domain.errors import BadConfig
from app.domain.reasons import os_reason
from sync_server.assets import campaign_texts, divisions
from sync_server.db.engine import open_engine, writing
from sync_server.db.tables import settings_kept
from sync_server.records.backfill import fill_once
from sync_server.records.campaigns import FileFault, keep_files
from sync_server.records.organisations import seed_organisations
from sync_server.settings import Settings

_logger = logging.getLogger(__name__)
_DATABASE_REASONS = {
    "SQLITE_NOTADB": "那个文件不是数据库",
    "SQLITE_CORRUPT": "数据库文件已损坏",
    "SQLITE_READONLY": "那里只能读，不能写",
    "SQLITE_CANTOPEN": "文件打不开",
    "SQLITE_BUSY": "正被别的程序占用",
    "SQLITE_LOCKED": "正被别的程序占用",
    "SQLITE_FULL": "磁盘满了",
}


def _log_fault(fault: FileFault) -> None:
    _logger.warning("%s", fault.sentence)


def open_city(settings: Settings, *, on_fault: Callable[[FileFault], None] = _log_fault) -> Engine:
    """The engine of `settings`, its data folder made, organisations and campaign files taken in.

    Safe to repeat. `on_fault` hears of each campaign file that cannot be used, when all else is done;
    by default it goes to the log. Raises BadConfig for a folder that cannot be made, an address that is
    none, or a file that is no database of ours.
    """
    with _faults_in_words(settings):
        settings.data.mkdir(parents=True, exist_ok=True)
        engine = open_engine(settings.database_url)
        faults = ensure_city(engine)
    for fault in faults:
        on_fault(fault)
    return engine


def ensure_city(engine: Engine) -> list[FileFault]:
    """Keep the region's organisations and the campaign files of `assets/`, and what an older database lacks.

    What is there already stays. Gives what `keep_files` gives.
    """
    with writing(engine) as connection:
        seed_organisations(connection, divisions())
        fill_once(connection)
        return keep_files(connection, campaign_texts())


def has_city(settings: Settings) -> bool:
    """Whether a database is there already; looking makes none. Raises what `open_city` raises."""
    with _faults_in_words(settings):
        url = make_url(settings.database_url)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
            return False  # connecting would make the file
        engine = create_engine(url)
        try:
            return inspect(engine).has_table(settings_kept.name)
        finally:
            engine.dispose()


@contextmanager
def _faults_in_words(settings: Settings) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise BadConfig(
            f"数据文件夹 {settings.data} 不能用（{os_reason(fault)}）。请换一个文件夹。"
        ) from fault
    except (ArgumentError, NoSuchModuleError) as fault:
        raise BadConfig("ZOUFANG_DATABASE 不是正确的数据库地址。请改正后再启动。") from fault
    except DatabaseError as fault:
        name = str(getattr(fault.orig, "sqlite_errorname", ""))
        reason = next((said for start, said in _DATABASE_REASONS.items() if name.startswith(start)), "连不上")
        raise BadConfig(f"数据库打不开，没有改动它：{reason}。请核对数据文件夹 {settings.data}。") from fault
