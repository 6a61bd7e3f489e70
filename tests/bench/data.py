"""The invented people and visits that the figures are measured on; kept in `build/bench` once made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console

from app.domain.campaign import Campaign, read_campaign
from app.domain.merge import Head, Mark, apply
from app.domain.wire import PAGE_ROWS, Answer, AnswerEnd
from app.store.account import keep_sign_in
from app.store.inbox import apply_page
from app.store.store import Store, open_store
from sync_server.assets import campaign_texts, divisions
from sync_server.demo.city import SIZES, Size, moved_campaign, parts_of
from sync_server.demo.plant import CAMPAIGN, plant
from sync_server.demo.visits import SHANGHAI

BUILD = Path(__file__).resolve().parents[2] / "build" / "bench"
SEED = 2022
TODAY = date(2026, 7, 25)
NOW_MS = int(datetime.combine(TODAY, time(9), SHANGHAI).timestamp() * 1000)
DEVICE = "bench-phone"


def campaign() -> Campaign:
    """The campaign in its last week."""
    text = campaign_texts()[f"{CAMPAIGN}.toml"]
    return moved_campaign(read_campaign(text, source=CAMPAIGN), TODAY)


@dataclass(frozen=True, slots=True)
class Filled:
    """What a phone holds. The showcase township has `showcase` people a village, whatever the rest has."""

    people: int
    visits: int
    showcase: int = 36

    def __str__(self) -> str:
        return f"{self.people:,} people, {self.visits:,} visits"


def heads(filled: Filled) -> Iterator[Head]:
    """The records of a city of that size as the server would send them, people before their visits."""
    size = Size(people=filled.people, visits=filled.visits, in_units=0, showcase=filled.showcase)
    parts = parts_of(size, seed=SEED, divisions=divisions(), campaign=campaign(), today=TODAY)
    for part in parts:
        for change in part.changes:
            yield apply(None, change, Mark(1, change.hlc, change.device, change.seq, change.actor))


def fresh_folder(name: str) -> Path:
    """An empty folder on the real disk, in place of the one of an earlier run."""
    folder = BUILD / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def filled_phone(folder: Path, filled: Filled) -> Store:
    """A phone's store in `folder` that has pulled everything, page by page."""
    store = open_store(folder / "phone.sqlite", now_ms=lambda: NOW_MS)
    keep_sign_in(store, sign_in_answer(), "http://127.0.0.1:8000")
    found = heads(filled)
    while page := list(islice(found, PAGE_ROWS)):
        apply_page(store, DEVICE, answer_with(page))
    return store


def answer_with(rows: list[Head]) -> Answer:
    """A page of the feed without receipts."""
    end = AnswerEnd(
        receipts=0, rows=len(rows), cursor="bench", more=False, epoch="bench", have=0, time=NOW_MS
    )
    return Answer(receipts=[], rows=rows, end=end)


def sign_in_answer() -> dict[str, Any]:
    """What the server says to somebody who may see the whole city."""
    return {
        "device": DEVICE,
        "token": "bench",
        "account": {"id": "bench-worker", "name": "周岚", "role": "COUNTY_CLERK"},
        "organisation": {"code": "3311", "name": "丽水市", "path": "3311"},
        "villages": [d.code for d in divisions().at_level("village")],
        "campaign": campaign().model_dump(mode="json"),
        "time": NOW_MS,
    }


def planted_city(size: Size) -> Path:
    """The data folder of a server that holds a city of `size`; made once, then found again."""
    name = f"{size.people}-people" + (f"-{size.visits}-visits" if size.visits else "")
    folder = BUILD / f"city-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    SIZES[name] = size
    console = Console(stderr=True)
    with console.status(f"city of {size.people:,} people and {size.visits:,} visits in {folder}"):
        url = f"sqlite:///{folder / 'zoufang.sqlite'}"
        plant(url, size=name, seed=SEED, today=TODAY).engine.dispose()
    return folder
