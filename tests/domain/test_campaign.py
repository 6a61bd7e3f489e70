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
    ("old", "new", "named"),
    [
        ('code = "TALK"', 'code = "HOME"', "HOME"),
        ("starts_on = 2022-07-12", "starts_on = 2023-07-12", "starts_on"),
        ("cash_fen = 200000", 'cash_fen = "很多"', "limits.cash_fen"),
        ('region = "3311"', 'region = "3311', "TOML"),
        ('region = "3311"', 'region = "3311"\nregionn = 1', "regionn"),
    ],
    ids=["code twice", "dates the wrong way", "not a number", "not TOML", "misspelt key"],
)
def test_a_mistake_in_the_file_is_named(old, new, named):
    with pytest.raises(BadConfig, match=named):
        read_campaign(TEXT.replace(old, new, 1), source="lishui-2023.toml")
