"""A column that cannot be filled is one sentence that names it."""

from __future__ import annotations

import pytest

from app.domain.campaign import Column
from app.domain.errors import BadConfig
from app.domain.metrics import check_columns, percent
from tests.summary.city import campaign


def with_column(**fields: str) -> Column:
    return Column(**{"id": "Z1", "header": "栏目", "unit": "人", "metric": "persons", **fields})


@pytest.mark.parametrize(
    ("column", "words"),
    [
        pytest.param(with_column(metric="people"), "Z1 的指标 people 不在指标目录里", id="unknown metric"),
        pytest.param(
            with_column(metric="group_due:RICH"), "group_due:RICH 用了活动里没有的代码", id="unknown group"
        ),
        pytest.param(with_column(metric="group_due"), "用了活动里没有的代码", id="code missing"),
        pytest.param(
            with_column(metric="persons:HOME"), "用了活动里没有的代码", id="code where none belongs"
        ),
        pytest.param(
            with_column(metric="contacts"), "单位是“人”，指标 contacts 只能用人次", id="人次 called 人"
        ),
        pytest.param(with_column(id="A2"), "A2 出现了两次", id="id used twice"),
    ],
)
def test_a_wrong_column_is_named(column: Column, words: str) -> None:
    config = campaign()
    wrong = config.model_copy(update={"columns": (*config.columns, column)})
    with pytest.raises(BadConfig, match=words):
        check_columns(wrong)


def test_the_shipped_campaign_can_be_filled() -> None:
    check_columns(campaign())


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(1, 3, 33.33), (2, 3, 66.67), (1, 1, 100.0), (0, 7, 0.0), (1, 16000, 0.01), (3, 0, None)],
)
def test_percent_is_rounded_half_up_to_two_decimals(part: int, whole: int, shown: float | None) -> None:
    assert percent(part, whole) == shown
