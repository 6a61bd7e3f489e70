"""Of an author on another phone the level is kept that the server tells, and nothing else."""

from dataclasses import replace

import pytest

from app.domain.merge import Mark
from app.domain.models import Visit
from app.domain.stamp import hlc_of
from app.store.authors import Author, author_of
from app.store.healing import heal
from app.store.inbox import apply_page
from app.store.levels import level_of
from app.store.store import Store
from tests.fakes import NOON, VILLAGE, answer_of, head_of, person, visit_to


@pytest.mark.parametrize(
    ("level", "called"),
    [
        ("CITY", "市里"),
        ("CITY_UNIT", "单位"),
        ("PROV_UNIT", "单位"),
        ("COUNTY", "县里"),
        ("TOWNSHIP", "乡镇"),
        ("VILLAGE", "村里"),
        ("PROVINCE", ""),
    ],
)
def test_a_level_is_said_as_workers_say_it(store: Store, level: str, called: str) -> None:
    apply_page(store, "phone-1", answer_of(levels={"worker-7": level}))
    assert (level_of(store, "worker-7"), level_of(store, "worker-8")) == (called, "")


def test_levels_of_many_answers_are_all_kept_and_the_latest_holds(store: Store) -> None:
    for levels in ({"worker-7": "VILLAGE", "worker-8": "CITY"}, {"worker-7": "TOWNSHIP"}, {}):
        for _ in range(2):
            apply_page(store, "phone-1", answer_of(levels=levels))
    kept = store.db.execute("SELECT COUNT(*) FROM author_levels").fetchone()
    store.memory.clear()  # as after a restart
    assert (level_of(store, "worker-7"), level_of(store, "worker-8"), kept) == ("乡镇", "市里", (2,))


def test_an_answer_that_is_not_applied_tells_no_level(store: Store) -> None:
    broken = answer_of(
        rows=[replace(head_of(person("person-3")), version="two")], levels={"worker-7": "CITY"}
    )
    with pytest.raises(Exception, match="没能完成"):
        apply_page(store, "phone-1", broken)
    assert level_of(store, "worker-7") == ""


def test_levels_come_with_healed_rows_too(store: Store) -> None:
    heal(store, "phone-1", {}, [], levels={"worker-7": "COUNTY"})
    assert level_of(store, "worker-7") == "县里"


def test_where_somebody_visits_from_is_nearer_than_his_level(store: Store) -> None:
    mark = Mark(2, hlc_of(NOON), "phone-7", 1, "worker-7")
    apply_page(store, "phone-1", answer_of(levels={"worker-7": "VILLAGE"}))
    level = author_of(store, mark, person="person-1")
    visit = Visit(
        id="v-7", campaign="lishui-2022", person="person-1", organisation=VILLAGE, performer="worker-7",
        method="PHONE", result="MET_SELF", at=visit_to("person-1").at, saved_at=visit_to("person-1").at,
    )  # fmt: skip
    apply_page(store, "phone-1", answer_of(rows=[head_of(visit)]))
    station = author_of(store, mark, person="person-1")
    assert [level, station] == [
        Author(is_me=False, is_here=False, is_roster=False, name=name, at_ms=NOON)
        for name in ("村里", "本站")
    ]
