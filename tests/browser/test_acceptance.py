"""The design's acceptance checks on every screen, in real Chromium by its accessibility tree.

Sizes of what can be tapped (A1, A2), labels (A3), that each reacts to assistive technology (A3b), and that
nothing is wider than the page (A6); at both ends of the text scale, light and dark, in both languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Playwright

from tests.screenshots.scenes import SCENES
from tests.screenshots.studio import Studio, Tab

WIDTH, HEIGHT = 360, 780
LEAST = 48
WAYS = ((1.0, "light", "zh"), (2.0, "dark", "zh"), (2.0, "light", "en"))
NAMES = re.compile("赵小满|钱一禾|孙文|李建国|周秀英|吴桂花|郑得水|王长生|欧阳|阿卜杜拉|司𫖯|1390000")

# What can be tapped or written in, with its box and its name; the page's own width.
_READ = """() => [...document.querySelectorAll('flt-semantics-host *')]
  .filter(one => ['button', 'checkbox', 'textbox'].includes(one.getAttribute('role'))
    || ['INPUT', 'TEXTAREA'].includes(one.tagName))
  .map(one => {
    const box = one.getBoundingClientRect()
    const own = one.getAttribute('aria-label') ?? ''
    return {name: (own || one.textContent || '').trim(), left: box.left, top: box.top,
            right: box.right, bottom: box.bottom, tag: one.tagName}
  })"""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, playwright: Playwright) -> Iterator[Studio]:
    with Studio(tmp_path_factory.mktemp("studio"), playwright).open() as opened:
        yield opened


def faults_of(tab: Tab, where: str) -> list[str]:
    """What is wrong with the page that is shown; empty where all is well."""
    nodes: list[dict[str, Any]] = tab.page.evaluate(_READ)
    if len(nodes) < 2:
        return [f"{where}: only {len(nodes)} controls"]
    found: list[str] = []
    for node in nodes:
        said, width, height = node["name"], node["right"] - node["left"], node["bottom"] - node["top"]
        if node["left"] < -1 or node["right"] > WIDTH + 1:
            found.append(f"{where}: {said} reaches over the page's edge")
        # What scrolls is cut by the view: only what lies wholly inside is measured.
        is_inside = node["top"] > 90 and node["bottom"] < HEIGHT - 120
        if is_inside and node["tag"] not in ("INPUT", "TEXTAREA") and min(width, height) < LEAST - 0.5:
            found.append(f"{where}: {said} is {width:.0f} × {height:.0f}")
        if not said and node["tag"] not in ("INPUT", "TEXTAREA"):
            found.append(f"{where}: a control without a name")
        if NAMES.search(said):
            found.append(f"{where}: {said} names somebody")
    return found


@pytest.mark.browser
@pytest.mark.parametrize("fill", sorted({scene.fill for scene in SCENES}))
def test_every_screen_keeps_the_sizes_labels_and_width_of_the_design(studio: Studio, fill: str) -> None:
    found: list[str] = []
    with studio.tab(fill, WIDTH, HEIGHT) as tab:
        for scale, theme, language in WAYS:
            for scene in (scene for scene in SCENES if scene.fill == fill):
                tab.show(scene, scale=scale, theme=theme, language=language)
                found += faults_of(tab, f"{scene.name} {scale} {language}")
    assert found == []


@pytest.mark.browser
def test_a_greeting_to_many_is_ten_touches_of_assistive_technology_at_the_most(studio: Studio) -> None:
    scenes = {scene.name: scene for scene in SCENES}
    with studio.tab("village", WIDTH, HEIGHT) as tab:
        tab.show(scenes["today"], scale=1.0, theme="light", language="zh")
        touches = ["成批问候", "用短信问候", "下一步", "全选", "下一步，", "已经发过了", "都发了，保存"]
        for label in touches:
            tab.tap(label)
        assert len(touches) <= 10
        tab.page.get_by_text("42 条已存在本机").first.wait_for(state="attached")
        tab.tap("撤销刚存的成批问候")
        tab.page.get_by_text("已撤销，这 42 条不会计入").first.wait_for(state="attached")
