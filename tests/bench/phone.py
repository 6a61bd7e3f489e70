"""`python -m tests.bench phone`: saving and searching on the phone's store, natively, on the real disk."""

from __future__ import annotations

import os
import statistics
from datetime import datetime
from pathlib import Path

from app.domain.models import Person
from app.store.heads import values_of
from app.store.index import PeopleIndex, people_index
from app.store.store import Store
from app.store.visits import NewNeed, NewVisit, record_visit
from sync_server.demo.visits import SHANGHAI
from tests.bench.data import NOW_MS, Filled, filled_phone, fresh_folder
from tests.bench.figures import Figure, laps_ms, spread, timed

SAVING = Filled(people=10_000, visits=50_000)
SEARCHING = Filled(people=15_000, visits=24_000)
SAVES, REDRAWS = 500, 20
ROUNDS = 5  # of typing everything


def measure(
    *,
    saving: Filled = SAVING,
    searching: Filled = SEARCHING,
    saves: int = SAVES,
) -> list[Figure]:
    """Figures of `saves` saves on one phone, and of searching on another."""
    return [*_saving(saving, saves), *_searching(searching)]


def _saving(filled: Filled, times: int) -> list[Figure]:
    folder = fresh_folder("phone-saving")
    store = filled_phone(folder, filled)
    with timed() as filling:
        index = people_index(store)
    who = index.search()
    with_need = NewNeed("HOUSING", "2", "房屋漏雨")

    def save(number: int) -> None:
        record_visit(
            store,
            NewVisit(
                person=who[number * 17 % len(who)],
                method="HOME",
                result="MET_SELF",
                at=datetime.fromtimestamp(NOW_MS / 1000, SHANGHAI),
                checklist=("POLICY_BRIEFING", "LAW_DELIVERY", "HEARD_CONCERNS", "GREETINGS"),
                note="身体还好，问优待证",
                cash_fen=50_000,
                goods="米、油",
                goods_pieces=2,
                goods_fen=16_000,
                needs=(with_need,) if number % 5 == 0 else (),
            ),
        )

    saves = laps_ms(times, save)
    index.search()

    def redraw(number: int) -> float:
        save(times + number)
        with timed() as lap:
            index.search()
            index.progress()
        return lap.ms

    redraws = [redraw(number) for number in range(REDRAWS)]
    disk = _disk_floor(folder)
    size_mb = (folder / "phone.sqlite").stat().st_size / 1e6
    store.close()
    return [
        *spread("save a visit", saves, p99_limit=20, note=f"{times} saves; {filled}"),
        *spread("  floor: write 4 kB and fsync", disk, note="the same disk, no database"),
        *spread(
            "list and progress after a save", redraws, note=f"what the open screen asks; {REDRAWS} saves"
        )[::2],
        Figure("index filled", filling.ms, "ms", note=str(filled)),
        Figure("database", size_mb, "MB"),
    ]


def _searching(filled: Filled) -> list[Figure]:
    store = filled_phone(fresh_folder("phone-searching"), filled)
    with timed() as filling:
        index = people_index(store)
    with timed() as spelling:
        index.search("z")  # spells every name once
    typed = _typed(store)
    alone = [lap for _ in range(ROUNDS) for lap in laps_ms(len(typed), lambda n: index.search(typed[n]))]
    counted = [
        lap for _ in range(ROUNDS) for lap in laps_ms(len(typed), lambda n: _as_the_screen(index, typed[n]))
    ]
    store.close()
    return [
        Figure(
            "search p50",
            statistics.median(alone),
            "ms",
            note=f"{len(typed)} prefixes as typed; {filled.people:,} people",
        ),
        Figure("search max", max(alone), "ms", 50),
        Figure("search and filter counts p50", statistics.median(counted), "ms", note="what the roster asks"),
        Figure("search and filter counts max", max(counted), "ms", 50),
        Figure(
            "first search in letters",
            spelling.ms,
            "ms",
            note=f"spells {filled.people:,} names, once after the start",
        ),
        Figure("index filled", filling.ms, "ms", note=str(filled)),
    ]


def _as_the_screen(index: PeopleIndex, text: str) -> None:
    index.find(text)
    index.counts()


def _typed(store: Store) -> list[str]:
    """Every prefix that a worker types on the way to a few people: initials, pinyin, name, place, phone."""
    people = [Person.read(record, values) for record, values in values_of(store, "person")[:4000:800]]
    whole = ["zjg", "zhangjianguo", "ouyang", "lan", "yxf", "上坞", "下坞12", "12号", "3幢"]
    for person in people:
        whole += [person.name, person.hamlet, *(number[-4:] for number in list(person.phones)[:1])]
    return [text[:end] for text in whole for end in range(1, len(text) + 1)]


def _disk_floor(folder: Path) -> list[float]:
    """What the disk takes to keep four kilobytes, which no save can be faster than."""
    with (folder / "floor").open("wb", buffering=0) as file:

        def keep(_: int) -> None:
            file.write(b"\0" * 4096)
            os.fsync(file.fileno())

        return laps_ms(200, keep)
