"""A whole visit by labels: a hardship, an opinion about a worker, an edit, and the hardship's next step.

A real Chromium as a phone without network; afterwards all of it is at the server, and the opinion with
nobody below the county.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext
from pypinyin import Style, lazy_pinyin

from app.domain.names import mask_name
from tests.browser.phone import Phone
from tests.browser.test_held_line import SYNC_LIMIT_MS, City, _feed, _sign_in, _sign_in_on, _spoken, city

__all__ = ["city"]  # the demo's server and a village of it
pytestmark = pytest.mark.browser
WORDS = "说话太冲了"


def test_a_visit_with_all_that_it_found_out_is_written_offline_and_arrives_whole(
    city: City, chromium_context: BrowserContext, open_phone: Callable[[str], Phone]
) -> None:
    person = city.people[0]
    phone = open_phone(city.server.app_url)
    _sign_in_on(phone)
    chromium_context.set_offline(True)

    phone.tap("名册")
    initials = "".join(lazy_pinyin(person.name, style=Style.FIRST_LETTER))
    phone.fill("搜索姓名、拼音首字母或自然村", initials)
    record = re.compile(f"^给{re.escape(_spoken(person))}.*记走访$")
    phone.touch(phone.page.get_by_role("button", name=record))
    phone.choose("结果 见到本人")
    _open_row(phone, "发现困难")
    phone.choose("困难 住房")
    phone.choose("程度 较重")
    phone.fill("说说情况", "屋顶漏雨")
    _open_row(phone, "意见建议")
    phone.choose("意见关于 工作者")
    phone.text("这条只交县里，本站看不到。").wait_for()
    phone.fill("意见内容", WORDS)
    phone.screenshot("findings-1-opinion")
    _open_row(phone, "资料有变")
    phone.choose("生活情况 低保")
    phone.tap("保存到本机")
    phone.button("意见建议，工作者，5 字").wait_for()  # back in the form, with all that was written
    phone.tap("保存到本机")
    phone.text("已存在本机").wait_for()

    need = re.compile(f"^{re.escape(mask_name(person.name))} 住房 较重，发现")
    phone.go("困难", phone.page.get_by_role("button", name=need).first)
    phone.touch(phone.page.get_by_role("button", name=need).first)
    phone.tap("核实属实")
    phone.fill("说明（可不填）", "去看过")
    phone.tap("保存到本机")
    phone.text("现在到这一步").wait_for()
    phone.screenshot("findings-2-need")

    chromium_context.set_offline(False)
    phone.tap("返回")
    phone.button("记录").wait_for(timeout=SYNC_LIMIT_MS)

    kept = {head.record: head for head in _feed(city.server, _sign_in(city.server, "city"))}
    mine = [head for head in kept.values() if head.values.get("person") == person.id]
    assert sorted(head.entity for head in mine if head.entity != "photo") == [
        "need",
        "need_step",
        "opinion",
        "visit",
    ]
    (opinion,) = [head for head in mine if head.entity == "opinion"]
    assert (opinion.values.get("words"), bool(opinion.values["sealed"])) == (None, True)
    assert kept[person.id].values["living/DIBAO"] is True
    (step,) = [head for head in mine if head.entity == "need_step"]
    assert (step.values["state"], step.values["words"]) == ("VERIFIED", "去看过")
    village = _feed(city.server, _sign_in(city.server, "village"))
    assert opinion.record not in {head.record for head in village}
    assert phone.foreign_requests() == []


def _open_row(phone: Phone, name: str) -> None:
    """Touch a row of 还要记, whatever it says."""
    phone.touch(phone.page.get_by_role("button", name=re.compile(f"^{name}，")))
