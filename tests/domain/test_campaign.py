"""campaign: the file of 2022 reads as meant, and a mistake in a file is one sentence."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.domain.campaign import read_campaign
from app.domain.errors import BadConfig

TEXT = (Path(__file__).parents[2] / "assets/campaigns/lishui-2022.toml").read_text("utf-8")


def test_the_file_of_2022_has_the_dates_of_the_notice():
    campaign = read_campaign(TEXT, source="lishui-2022.toml")
    assert (campaign.starts_on, campaign.units_due_on, campaign.counties_due_on) == (
        date(2022, 7, 12),
        date(2022, 8, 1),
        date(2022, 8, 2),
    )


def test_results_follow_the_method():
    campaign = read_campaign(TEXT, source="lishui-2022.toml")
    offered = {m.code: [r.code for r in campaign.results_for(m)] for m in campaign.methods}
    assert offered["HOME"] == ["MET_SELF", "MET_FAMILY", "NOT_MET", "REFUSED", "LOST", "DECEASED"]
    assert "SENT" in offered["SMS"]
    assert "SENT" not in offered["PHONE"]


def test_moved_dates_keep_their_distances():
    moved = read_campaign(TEXT, source="x").ending_on(date(2026, 8, 1), name="演示")
    assert (moved.starts_on, moved.counties_due_on) == (date(2026, 7, 12), date(2026, 8, 2))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param('code = "TALK"', 'code = "HOME"', " 有误：methods 里代码重复：HOME", id="code twice"),
        pytest.param(
            "starts_on = 2022-07-12",
            "starts_on = 2023-07-12",
            " 有误：starts_on 晚于 ends_on",
            id="dates the wrong way",
        ),
        pytest.param(
            "starts_on = 2022-07-12",
            'starts_on = "七月"',
            " 的 starts_on 有误：应是日期，如 2022-08-01",
            id="no date",
        ),
        pytest.param(
            "cash_fen = 200000",
            'cash_fen = "很多"',
            " 的 limits.cash_fen 有误：应是整数",
            id="no number",
        ),
        pytest.param("cash_fen = 200000", "cash_fen = 0", " 的 limits.cash_fen 有误：应大于 0", id="zero"),
        pytest.param(
            'region = "3311"', 'region = "3311', " 的第 5 行第 15 个字不是正确的 TOML", id="not TOML"
        ),
        pytest.param(
            'region = "3311"',
            'region = "3311"\nregionn = 1',
            " 的 regionn 有误：不是认得的项目，请核对拼写",
            id="misspelt key",
        ),
        pytest.param('region = "3311"\n', "", " 的 region 有误：没有填写", id="key missing"),
        pytest.param(
            'label = "谈心"\n', "", " 的 methods 第 2 项的 label 有误：没有填写", id="key missing in a list"
        ),
        pytest.param(
            'code = "HOME"',
            'code = "at home"',
            " 的 methods 第 1 项的 code 有误：写法不对，代码只用字母、数字和下划线",
            id="blank in a code",
        ),
        pytest.param(
            'care = "visit"', 'care = "vist"', " 的 groups 第 1 项的 care 有误：不在可选的几个里", id="care"
        ),
        pytest.param(
            '"TEKUN"', '"TEKUNN"', " 有误：groups HARDSHIP 的 living 里有不认得的代码 TEKUNN", id="tag"
        ),
        pytest.param('name = "2022', 'name = "\udcb0', " 不是 UTF-8 编码的文本", id="saved as GBK"),
    ],
)
def test_a_mistake_in_the_file_is_one_chinese_sentence_with_file_and_place(old, new, said):
    with pytest.raises(BadConfig) as caught:
        read_campaign(TEXT.replace(old, new, 1), source="lishui-2023.toml")
    start, _, advice = caught.value.sentence.rpartition("。请")
    assert (start, advice.endswith("再用。")) == (f"活动配置 lishui-2023.toml{said}", True)
