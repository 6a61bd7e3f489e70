"""Opening a city's data: the database with its organisations and campaigns in place."""

from __future__ import annotations

from sqlalchemy import Engine

from sync_server.assets import campaign_texts, divisions
from sync_server.db.engine import open_engine, writing
from sync_server.records.campaigns import keep_missing_campaigns
from sync_server.records.organisations import seed_organisations
from sync_server.settings import Settings


def open_city(settings: Settings) -> Engine:
    """The engine of `settings`, its data folder made, and `ensure_city` done. Safe to repeat."""
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database_url)
    ensure_city(engine)
    return engine


def ensure_city(engine: Engine) -> None:
    """Keep the region's organisations and the campaigns of `assets/`; what is there already stays."""
    with writing(engine) as connection:
        seed_organisations(connection, divisions())
        keep_missing_campaigns(connection, campaign_texts())
