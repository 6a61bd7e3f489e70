"""Campaigns as the server keeps them, by code: each as its file last said it (docs/adr/0018).

A file is taken in whole or not at all. While no visit of its campaign has arrived, a changed file
replaces what is kept; afterwards it may not take away or alter what recorded visits mean. A file that
cannot be used leaves its own campaign as it was and every other one alone.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import PurePath

from pydantic import ValidationError
from sqlalchemy import Connection, select

from app.domain.campaign import Campaign, Limits, Method, Result, read_campaign
from app.domain.errors import BadConfig, UnknownCode
from app.domain.metrics import check_columns
from sync_server.db.engine import upsert
from sync_server.db.tables import (
    campaigns,
    finding_facts,
    need_facts,
    need_step_facts,
    settings_kept,
    visit_facts,
)

_HELD, _HELD_IN_PLACE_OF = "campaigns_held", "campaigns_held_in_place_of"
_ALL = select(campaigns.c.code, campaigns.c.config).order_by(campaigns.c.code)


@dataclass(frozen=True, slots=True)
class CampaignCodes:
    """A campaign as visits are checked against it: the results that each method offers, and so on."""

    results: Mapping[str, frozenset[str]]
    checklist: frozenset[str]
    limits: Limits
    year: int  # of its annual confirmation


@dataclass(frozen=True, slots=True)
class FileFault:
    """Why a campaign file is not used as it stands, in one sentence that names file and field.

    `code` is the campaign that the file is about, as far as that can be told: by its `code`, else by
    its name. `is_wrong`: somebody has to put the file right before its campaign is counted.
    """

    file: str
    code: str
    sentence: str
    is_wrong: bool = True


def keep_files(connection: Connection, texts: dict[str, str]) -> list[FileFault]:
    """Take in the campaign files `texts` (by file name), and say what is wrong with those that cannot be.

    Repetition changes nothing. A campaign whose file is gone stays: visits name it. One that is held
    (`hold_campaign`) stays whatever a file says, and what was changed in that since is told.
    """
    found, faults = _read_files(texts)
    stored, held = all_campaigns(connection), _held(connection)
    replaced = _replaced(connection)
    rows = []
    for file, new in found.items():
        old = stored.get(new.code)
        if new.code in held and _read(replaced.get(new.code, "")) not in (None, new):
            sentence = (
                f"这是演示用的数据文件夹，活动配置 {file} 的修改在这里不起作用。请用 --data 换一个文件夹。"
            )
            faults.append(FileFault(file, new.code, sentence, is_wrong=False))
        if new == old or new.code in held:
            continue
        lost = next(_lost(old, new), None) if old is not None and _is_used(connection, new.code) else None
        if lost is None:
            rows.append(_row(new))
        else:
            sentence = f"活动配置 {file} 的 {lost}，而这次活动已经收到走访。请改回原样；现仍按原来的配置。"
            faults.append(FileFault(file, new.code, sentence))
    upsert(connection, campaigns, rows)
    return faults


def hold_campaign(connection: Connection, campaign: Campaign, *, in_place_of: Campaign) -> None:
    """Store `campaign` in place of an earlier one of its code, and let no file replace it.

    For a demonstration, whose campaign has the code of a file and dates of its own. `in_place_of` is what
    that file says now.
    """
    upsert(connection, campaigns, [_row(campaign)])
    held = json.dumps(sorted(_held(connection) | {campaign.code}))
    replaced = _replaced(connection)
    replaced[campaign.code] = in_place_of.model_dump_json()
    kept = {_HELD: held, _HELD_IN_PLACE_OF: json.dumps(replaced, ensure_ascii=False)}
    upsert(connection, settings_kept, [{"name": name, "value": value} for name, value in kept.items()])


def campaign(connection: Connection, code: str) -> Campaign:
    """The campaign; raises UnknownCode that names the known ones."""
    known = all_campaigns(connection)
    if code not in known:
        raise UnknownCode(f"没有活动 {code}。现有：{'、'.join(known) or '无'}。请换一个。", field="campaign")
    return known[code]


def all_campaigns(connection: Connection) -> dict[str, Campaign]:
    """Every campaign by code, in order of code.

    One that an earlier version kept and this one cannot read is left out, until its file is taken in.
    """
    found = {row.code: _read(row.config) for row in connection.execute(_ALL)}
    return {code: campaign for code, campaign in found.items() if campaign is not None}


def campaign_codes(connection: Connection) -> dict[str, CampaignCodes]:
    """The same as visits are checked against them."""
    found = {row.code: _as_checked(row.config) for row in connection.execute(_ALL)}
    return {code: codes for code, codes in found.items() if codes is not None}


def campaign_in_force(connection: Connection, today: date) -> Campaign:
    """The one begun last; before the first begins, the first. Raises UnknownCode if there is none."""
    known = sorted(all_campaigns(connection).values(), key=lambda c: (c.starts_on, c.code))
    if not known:
        raise UnknownCode("服务器还没有活动配置。请管理员先放入活动文件。", field="campaign")
    return next((c for c in reversed(known) if c.starts_on <= today), known[0])


def _read_files(texts: dict[str, str]) -> tuple[dict[str, Campaign], list[FileFault]]:
    """What each file says, by file name, and the faults of those that cannot be used.

    Of two files with one code the one that is named after it is meant, else the first: the other is a
    copy whose code was forgotten.
    """
    found: dict[str, Campaign] = {}
    faults = []
    file_of: dict[str, str] = {}
    for file in sorted(texts, key=lambda name: (PurePath(name).stem != _said_code(name, texts[name]), name)):
        try:
            read = read_campaign(texts[file], source=file)
            _check_columns(read, file)
        except BadConfig as fault:
            faults.append(FileFault(file, _said_code(file, texts[file]), fault.sentence))
            continue
        if read.code in file_of:
            sentence = (
                f"活动配置 {file} 的 code 是 {read.code}，{file_of[read.code]} 已经用了它。请换一个代码。"
            )
            faults.append(FileFault(file, PurePath(file).stem, sentence))
            continue
        file_of[read.code] = file
        found[file] = read
    return found, faults


def _check_columns(read: Campaign, file: str) -> None:
    try:
        check_columns(read)
    except BadConfig as fault:
        raise BadConfig(f"活动配置 {file} 有误：{fault.sentence}", field=fault.field) from fault


def _said_code(file: str, text: str) -> str:
    """The code of the campaign that `text` is about, however wrong the rest is; else the file's name."""
    try:
        said = tomllib.loads(text).get("code")
    except tomllib.TOMLDecodeError:
        said = None
    return said if isinstance(said, str) else PurePath(file).stem


def _is_used(connection: Connection, code: str) -> bool:
    """Whether a record of the campaign has arrived."""
    return any(
        connection.execute(select(facts.c.record).where(facts.c.campaign == code).limit(1)).first()
        for facts in (visit_facts, need_facts, need_step_facts, finding_facts)
    )


def _lost(old: Campaign, new: Campaign) -> Iterator[str]:
    """What recorded visits lean on, and `new` says no more or otherwise.

    Phones hold the old campaign until they sign in again, so all its codes count, used yet or not.
    """
    if new.region != old.region:
        yield f"region 从 {old.region} 改成了 {new.region}"
    for title in ("methods", "results", "checklist"):
        gone = [p.code for p in getattr(old, title) if p.code not in _codes(getattr(new, title))]
        if gone:
            yield f"{title} 里少了 {'、'.join(gone)}"
    for method in old.methods:
        yield from _altered("methods", method, new.method(method.code), ("face", "sends"))
    for result in old.results:
        later = new.result(result.code)
        yield from _altered("results", result, later, ("contact", "sent", "death"))
        if later is not None and not set(result.offered) <= set(later.offered):
            yield f"results {result.code} 的 offered 少了原来有的"


def _altered(
    title: str, old: Method | Result, new: Method | Result | None, fields: Collection[str]
) -> Iterator[str]:
    for field in fields:
        if new is not None and getattr(old, field) != getattr(new, field):
            yield f"{title} {old.code} 的 {field} 改了"


def _codes(parts: Collection[Method | Result]) -> set[str]:
    return {part.code for part in parts}


def _held(connection: Connection) -> set[str]:
    query = select(settings_kept.c.value).where(settings_kept.c.name == _HELD)
    return set(json.loads(connection.execute(query).scalar() or "[]"))


def _replaced(connection: Connection) -> dict[str, str]:
    """Code of each held campaign -> what its file said when it was held."""
    query = select(settings_kept.c.value).where(settings_kept.c.name == _HELD_IN_PLACE_OF)
    found: dict[str, str] = json.loads(connection.execute(query).scalar() or "{}")
    return found


def _row(found: Campaign) -> dict[str, str]:
    return {"code": found.code, "config": found.model_dump_json()}


@lru_cache(maxsize=16)
def _as_checked(config: str) -> CampaignCodes | None:
    found = _read(config)
    if found is None:
        return None
    return CampaignCodes(
        {m.code: frozenset(r.code for r in found.results_for(m)) for m in found.methods},
        frozenset(item.code for item in found.checklist),
        found.limits,
        found.year,
    )


@lru_cache(maxsize=16)  # the same few texts are asked for by every request
def _read(config: str) -> Campaign | None:
    try:
        return Campaign.model_validate_json(config)
    except ValidationError:
        return None
