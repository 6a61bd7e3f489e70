"""Campaigns as the server keeps them: the file's content, checked, by code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import Connection, select

from app.domain.campaign import Campaign, Limits, read_campaign
from app.domain.errors import UnknownCode
from sync_server.db.engine import insert_missing, upsert
from sync_server.db.tables import campaigns


@dataclass(frozen=True, slots=True)
class CampaignCodes:
    """A campaign as visits are checked against it: the results that each method offers, and so on."""

    results: Mapping[str, frozenset[str]]
    checklist: frozenset[str]
    limits: Limits


def keep_campaign(connection: Connection, campaign: Campaign) -> None:
    """Store `campaign`, in place of an earlier one of the same code."""
    upsert(connection, campaigns, [_row(campaign)])


def keep_missing_campaigns(connection: Connection, texts: dict[str, str]) -> None:
    """Store those of the campaign files `texts` (by file name) that are not here yet.

    One that is here stays: an operator may have moved its dates. Raises BadConfig.
    """
    found = [read_campaign(text, source=name) for name, text in texts.items()]
    insert_missing(connection, campaigns, [_row(campaign) for campaign in found])


def campaign(connection: Connection, code: str) -> Campaign:
    """The campaign; raises UnknownCode that names the known ones."""
    known = all_campaigns(connection)
    if code not in known:
        raise UnknownCode(f"没有活动 {code}。现有：{'、'.join(known) or '无'}。请换一个。", field="campaign")
    return known[code]


def all_campaigns(connection: Connection) -> dict[str, Campaign]:
    """Every campaign by code, in order of code."""
    return {row.code: _read(row.config) for row in connection.execute(_ALL)}


_ALL = select(campaigns.c.code, campaigns.c.config).order_by(campaigns.c.code)


def campaign_codes(connection: Connection) -> dict[str, CampaignCodes]:
    """The same as visits are checked against them."""
    return {row.code: _codes(row.config) for row in connection.execute(_ALL)}


def campaign_in_force(connection: Connection, today: date) -> Campaign:
    """The one begun last; before the first begins, the first. Raises UnknownCode if there is none."""
    known = sorted(all_campaigns(connection).values(), key=lambda c: (c.starts_on, c.code))
    if not known:
        raise UnknownCode("服务器还没有活动配置。请管理员先放入活动文件。", field="campaign")
    return next((c for c in reversed(known) if c.starts_on <= today), known[0])


def _row(found: Campaign) -> dict[str, str]:
    return {"code": found.code, "config": found.model_dump_json()}


@lru_cache(maxsize=16)
def _codes(config: str) -> CampaignCodes:
    found = _read(config)
    return CampaignCodes(
        {m.code: frozenset(r.code for r in found.results_for(m)) for m in found.methods},
        frozenset(item.code for item in found.checklist),
        found.limits,
    )


@lru_cache(maxsize=16)  # the same few texts are asked for by every request
def _read(config: str) -> Campaign:
    return Campaign.model_validate_json(config)
