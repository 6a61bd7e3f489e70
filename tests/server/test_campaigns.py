"""Campaign files as a data folder takes them in: when a changed one takes effect, what it may change,
and that a broken one stands in nobody else's way (docs/adr/0018)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from app.domain.campaign import read_campaign
from sync_server import assets
from sync_server.db.engine import open_engine, reading, upsert, writing
from sync_server.db.tables import campaigns
from sync_server.records.campaigns import FileFault, all_campaigns, hold_campaign, keep_files
from tests.postgres import Database
from tests.server.phones import Phone

TEXT = assets.campaign_texts()["lishui-2022.toml"]
FILE = "lishui-2022.toml"
NEXT = TEXT.replace('code = "lishui-2022"', 'code = "lishui-2023"')
LABEL = TEXT.replace('label = "上门"', 'label = "入户"')
LATER = TEXT.replace("ends_on = 2022-08-01", "ends_on = 2022-08-05")


@pytest.fixture
def empty(database: Database, tmp_path: Path) -> Iterator[Engine]:
    """A database without any campaign."""
    url = database.fresh(tmp_path)
    engine = open_engine(url)
    yield engine
    engine.dispose()
    database.drop(url)


def keep(engine: Engine, texts: dict[str, str]) -> list[FileFault]:
    with writing(engine) as connection:
        return keep_files(connection, texts)


def known(engine: Engine) -> dict[str, object]:
    with reading(engine) as connection:
        return dict(all_campaigns(connection))


def read(text: str) -> object:
    return read_campaign(text, source=FILE)


def test_a_changed_file_replaces_the_campaign_while_no_visit_has_arrived(empty: Engine) -> None:
    assert keep(empty, {FILE: TEXT}) == []
    fewer = TEXT.replace('code = "GREETINGS"', 'code = "FESTIVAL"')
    assert keep(empty, {FILE: fewer}) == []
    assert known(empty) == {"lishui-2022": read(fewer)}


def test_a_campaign_whose_file_is_gone_stays_known(empty: Engine) -> None:
    keep(empty, {FILE: TEXT})
    assert (keep(empty, {}), known(empty)) == ([], {"lishui-2022": read(TEXT)})


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        pytest.param(
            NEXT.replace('unit = "%"', 'unit = "人"'),
            "活动配置 lishui-2023.toml 有误：活动 lishui-2023 的栏目 C2 的单位是“人”，"
            "指标 coverage 只能用%。请改单位。",
            id="column that cannot be filled",
        ),
        pytest.param(
            NEXT.replace('metric = "cash"', 'metric = "cahs"'),
            "活动配置 lishui-2023.toml 有误：活动 lishui-2023 的栏目 E1 的指标 cahs 不在指标目录里。"
            "请照 docs/METRICS.md 改。",
            id="unknown metric",
        ),
        pytest.param(
            NEXT.replace("[limits]", "[limits"),
            "活动配置 lishui-2023.toml 的第 13 行第 8 个字不是正确的 TOML。请改好后再用。",
            id="not TOML",
        ),
        pytest.param(
            TEXT,
            "活动配置 lishui-2023.toml 的 code 是 lishui-2022，lishui-2022.toml 已经用了它。请换一个代码。",
            id="code forgotten in the copy",
        ),
    ],
)
def test_a_broken_file_is_one_sentence_and_the_other_campaigns_are_taken_in(
    empty: Engine, broken: str, said: str
) -> None:
    faults = keep(empty, {"lishui-2023.toml": broken, FILE: TEXT})
    assert faults == [FileFault("lishui-2023.toml", "lishui-2023", said)]
    assert known(empty) == {"lishui-2022": read(TEXT)}


def test_a_file_that_broke_leaves_what_it_said_before_and_takes_effect_once_mended(empty: Engine) -> None:
    keep(empty, {FILE: TEXT})
    assert len(keep(empty, {FILE: LATER.replace("[limits]", "")})) == 1
    assert known(empty) == {"lishui-2022": read(TEXT)}
    assert (keep(empty, {FILE: LATER}), known(empty)) == ([], {"lishui-2022": read(LATER)})


def test_what_an_earlier_version_kept_and_this_one_refuses_is_replaced_by_the_file(empty: Engine) -> None:
    keep(empty, {FILE: TEXT})
    with writing(empty) as connection:
        odd = read_campaign(TEXT, source=FILE).model_dump_json().replace('"TALK"', '"talk talk"')
        upsert(connection, campaigns, [{"code": "lishui-2022", "config": odd}])
    assert known(empty) == {}
    assert (keep(empty, {FILE: TEXT}), known(empty)) == ([], {"lishui-2022": read(TEXT)})


def test_a_copy_with_the_code_forgotten_is_at_fault_whichever_name_comes_first(empty: Engine) -> None:
    faults = keep(empty, {"jingning.toml": LABEL, FILE: TEXT})
    assert [(f.file, f.code) for f in faults] == [("jingning.toml", "jingning")]
    assert known(empty) == {"lishui-2022": read(TEXT)}


@pytest.fixture
def visited(app: FastAPI, phone: Phone, engine: Engine) -> Engine:
    """The seeded city after its first visit."""
    phone.sync(phone.add_person("p-1"), phone.add_visit("v-1", "p-1"))
    return engine


MAY_CHANGE: dict[str, Callable[[], str]] = {
    "words": lambda: LABEL,
    "dates": lambda: LATER,
    "limits": lambda: TEXT.replace("cash_fen = 200000", "cash_fen = 300000"),
    "columns": lambda: TEXT.replace('header = "慰问金"', 'header = "慰问金合计"'),
    "a further method": lambda: (
        TEXT + '[[methods]]\ncode = "QQ"\nlabel = "QQ"\nlabel_en = "QQ"\nicon = "chat"\nface = false\n'
    ),
}


@pytest.mark.parametrize("change", MAY_CHANGE.values(), ids=MAY_CHANGE)
def test_after_the_first_visit_what_alters_no_visit_may_still_change(
    visited: Engine, change: Callable[[], str]
) -> None:
    assert keep(visited, {FILE: change()}) == []
    assert known(visited) == {"lishui-2022": read(change())}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param('code = "VIDEO"', 'code = "QQ"', "methods 里少了 VIDEO", id="a method gone"),
        pytest.param('region = "3311"', 'region = "3325"', "region 从 3311 改成了 3325", id="region"),
        pytest.param('code = "GREETINGS"', 'code = "FESTIVAL"', "checklist 里少了 GREETINGS", id="item gone"),
        pytest.param(
            "contact = true", "contact = false", "results MET_SELF 的 contact 改了", id="what counts"
        ),
        pytest.param(
            'offered = ["face", "far"]',
            'offered = ["far"]',
            "results MET_SELF 的 offered 少了原来有的",
            id="offer",
        ),
    ],
)
def test_after_the_first_visit_what_visits_lean_on_may_not(
    visited: Engine, old: str, new: str, said: str
) -> None:
    faults = keep(visited, {FILE: TEXT.replace(old, new, 1)})
    sentence = f"活动配置 lishui-2022.toml 的 {said}，而这次活动已经收到走访。请改回原样；现仍按原来的配置。"
    assert faults == [FileFault(FILE, "lishui-2022", sentence)]
    assert known(visited) == {"lishui-2022": read(TEXT)}


def test_a_held_campaign_keeps_its_dates_whatever_its_file_says(empty: Engine) -> None:
    moved = read_campaign(TEXT, source=FILE).ending_on(date(2026, 8, 1), name="演示")
    with writing(empty) as connection:
        hold_campaign(connection, moved, in_place_of=read_campaign(TEXT, source=FILE))
    assert (keep(empty, {FILE: TEXT}), known(empty)) == ([], {"lishui-2022": moved})
    said = f"这是演示用的数据文件夹，活动配置 {FILE} 的修改在这里不起作用。请用 --data 换一个文件夹。"
    told = [FileFault(FILE, "lishui-2022", said, is_wrong=False)]
    assert (keep(empty, {FILE: LATER}), known(empty)) == (told, {"lishui-2022": moved})
