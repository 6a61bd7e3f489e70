"""Draws the scenes in Chromium and puts the pictures into a folder.

python -m tests.screenshots                            every scene in every way, into artifacts/screens
python -m tests.screenshots today greet-who            these scenes alone
python -m tests.screenshots --only 360-100-light-zh    in this way alone
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.screenshots.scenes import SCENES
from tests.screenshots.studio import ROOT, Studio

SIZES = {"360": (360, 780), "412": (412, 915)}
SCALES = {"100": 1.0, "200": 2.0}
THEMES = ("light", "dark")
LANGUAGES = ("zh", "en")


def main() -> None:
    """Draw what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots")
    parser.add_argument("scenes", nargs="*", help="names of scenes; none: all of them")
    parser.add_argument("--only", help="one way alone, such as 360-100-light-zh")
    parser.add_argument("--out", type=Path, default=ROOT / "artifacts" / "screens")
    asked = parser.parse_args()
    known = {scene.name: scene for scene in SCENES}
    unknown = [name for name in asked.scenes if name not in known]
    if unknown:
        parser.error(f"no scene {unknown[0]}; there are {', '.join(known)}")
    scenes = sorted((known[name] for name in asked.scenes or known), key=lambda scene: scene.fill)
    ways = [
        (size, scale, theme, language)
        for size, scale, theme, language in itertools.product(SIZES, SCALES, THEMES, LANGUAGES)
        if asked.only in (None, f"{size}-{scale}-{theme}-{language}")
    ]
    asked.out.mkdir(parents=True, exist_ok=True)
    count = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        Studio(Path(folder), playwright).open() as studio,
    ):
        for size in sorted({way[0] for way in ways}):
            for fill, group in itertools.groupby(scenes, key=lambda scene: scene.fill):
                with studio.tab(fill, *SIZES[size]) as tab:
                    for scene in group:
                        for _, scale, theme, language in (way for way in ways if way[0] == size):
                            tab.show(scene, scale=SCALES[scale], theme=theme, language=language)
                            name = f"{scene.name}-{size}-{scale}-{theme}-{language}.png"
                            tab.page.screenshot(path=str(asked.out / name))
                            count += 1
    print(f"{count} pictures in {asked.out}")


if __name__ == "__main__":
    main()
