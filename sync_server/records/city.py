"""Opening a city's data: the database with its organisations and campaigns in place."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

from app.domain.errors import BadConfig
from sync_server.assets import campaign_texts, divisions
from sync_server.db.engine import open_engine, writing
from sync_server.records.backfill import fill_once
from sync_server.records.campaigns import keep_missing_campaigns
from sync_server.records.organisations import seed_organisations
from sync_server.settings import Settings


def open_city(settings: Settings) -> Engine:
    """The engine of `settings`, its data folder made, and `ensure_city` done. Safe to repeat.

    Raises BadConfig for a folder that cannot be made, an address that is none, or a file that is no
    database of ours.
    """
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        engine = open_engine(settings.database_url)
        ensure_city(engine)
    except OSError as fault:
        raise BadConfig(f"数据文件夹 {settings.data} 不能用（{fault.strerror}）。请换一个文件夹。") from fault
    except (ArgumentError, NoSuchModuleError) as fault:
        raise BadConfig("ZOUFANG_DATABASE 不是正确的数据库地址。请改正后再启动。") from fault
    except DatabaseError as fault:
        raise BadConfig(
            f"数据库打不开，没有改动它：{fault.orig}。请核对数据文件夹 {settings.data}。"
        ) from fault
    return engine


def ensure_city(engine: Engine) -> None:
    """Keep the region's organisations and the campaigns of `assets/`, and what an older database lacks.

    What is there already stays.
    """
    with writing(engine) as connection:
        seed_organisations(connection, divisions())
        keep_missing_campaigns(connection, campaign_texts())
        fill_once(connection)
