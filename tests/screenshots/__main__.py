"""Draws the scenes in Chromium through Flet's own server and puts the pictures into a folder.

python -m tests.screenshots                        every scene in every way, into artifacts/screens
python -m tests.screenshots today greet-who        these scenes alone
python -m tests.screenshots --only 360-100-light-zh    in this way alone
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import tempfile
from pathlib import Path
from random import Random
from types import SimpleNamespace

import flet as ft
from flet_web.fastapi import app as flet_app
from playwright.sync_api import BrowserContext, sync_playwright

from app.device import Device
from app.state.session import Session
from app.store.store import open_store
from app.ui.shell import Root, dress
from tests.browser.phone import _FLAGS, chromium_path
from tests.browser.serving import LocalServer
from tests.fakes import FakeClock
from tests.screenshots.scenes import SCENES, Scene, fill_with
from tests.ui.conftest import PageNetwork

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"360": (360, 780), "412": (412, 915)}
SCALES = {"100": 1.0, "200": 2.0}
THEMES = ("light", "dark")
LANGUAGES = ("zh", "en")
_DRAWN_MS = 900


class Studio:
    """One server; what the next page shows is set before it is opened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fills: dict[str, Path] = {}
        self._count = itertools.count()
        self.scene, self.look = SCENES[0], {"scale": 1.0, "theme": "light", "language": "zh"}
        site = flet_app(self._main, assets_dir=str(ROOT / "assets"), no_cdn=True)
        self.server = LocalServer(site)

    async def _main(self, page: ft.Page) -> None:
        dress(page)
        clock = FakeClock()
        path = self._folder / f"{next(self._count)}.db"
        fill = self.scene.fill
        if fill not in self._fills:
            self._fills[fill] = self._folder / f"{fill}.db"
            fill_with(fill, self._fills[fill]).close()
        shutil.copy(self._fills[fill], path)
        store = open_store(path, now_ms=clock, entropy=Random(1).randbytes)
        device = Device(files=SimpleNamespace(), network=PageNetwork())  # type: ignore[arg-type]
        session = Session(store, device, now_ms=clock, chance=Random(1))
        session.set_look(**self.look)
        page.render_views(Root, session, lambda _: None)

    def picture(self, context: BrowserContext, scene: Scene, out: Path) -> None:
        """Open the scene in a tab of its own, tap what is to be tapped, and keep what is to be seen."""
        self.scene = scene
        page = context.new_page()
        page.goto(f"{self.server.origin}{scene.route}")
        switch = page.locator("flt-semantics-placeholder")
        switch.wait_for(state="attached", timeout=60_000)
        switch.evaluate("element => element.click()")
        page.locator('[role="button"]').first.wait_for(state="attached", timeout=60_000)
        for labels in scene.taps:
            label = labels[self.look["language"] == "en"]
            roles = ('[role="button"]', '[role="checkbox"]')
            named = [
                f"{role}{by}"
                for role in roles
                for by in (f':has-text("{label}")', f'[aria-label^="{label}"]')
            ]
            found = page.locator(", ".join(named)).last
            found.wait_for(state="attached", timeout=30_000)
            found.evaluate("element => element.click()")
            page.wait_for_timeout(_DRAWN_MS // 2)
        page.wait_for_timeout(_DRAWN_MS)
        page.screenshot(path=str(out))
        page.close()


def main() -> None:
    """Draw what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("scenes", nargs="*", help="names of scenes; none: all of them")
    parser.add_argument("--only", help="one way alone, such as 360-100-light-zh")
    parser.add_argument("--out", type=Path, default=ROOT / "artifacts" / "screens")
    asked = parser.parse_args()
    known = {scene.name: scene for scene in SCENES}
    unknown = [name for name in asked.scenes if name not in known]
    if unknown:
        parser.error(f"no scene {unknown[0]}; there are {', '.join(known)}")
    scenes = [known[name] for name in asked.scenes] or list(SCENES)
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        studio = Studio(Path(folder))
        studio.server.start()
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=_FLAGS)
        count = 0
        for size, scale, theme, language in itertools.product(SIZES, SCALES, THEMES, LANGUAGES):
            way = f"{size}-{scale}-{theme}-{language}"
            if asked.only not in (None, way):
                continue
            width, height = SIZES[size]
            studio.look = {"scale": SCALES[scale], "theme": theme, "language": language}
            context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=1)
            for scene in scenes:
                studio.picture(context, scene, asked.out / f"{scene.name}-{way}.png")
                count += 1
            context.close()
        browser.close()
        studio.server.stop()
    print(f"{count} pictures in {asked.out}")


if __name__ == "__main__":
    main()
