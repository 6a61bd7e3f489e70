"""Rules of the screens that no linter knows: one place for sizes, one for taps, one for sentences."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

UI = Path(__file__).parents[2] / "app" / "ui"
FILES = sorted(UI.rglob("*.py"))


def calls_of_flet_with(*keywords: str) -> set[str]:
    """Files in which a Flet control is given one of `keywords`."""
    found = set()
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            is_flet = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "ft"
            )
            if is_flet and {k.arg for k in node.keywords} & set(keywords):
                found.add(file.relative_to(UI).as_posix())
    return found


def test_only_the_text_part_gives_a_size_to_text_and_icons() -> None:
    assert calls_of_flet_with("size") == {"parts/text.py"}
    assert calls_of_flet_with("text_size") == {"parts/field.py"}


def test_only_the_tap_part_makes_a_control_react_to_a_finger() -> None:
    assert calls_of_flet_with("on_click", "on_tap", "on_long_press", "ink") == {"parts/tap.py"}


def test_no_colour_is_written_outside_the_theme() -> None:
    coloured = {f.name for f in FILES if re.search(r"#[0-9A-Fa-f]{6}", f.read_text(encoding="utf-8"))}
    assert coloured == {"theme.py"}


def test_no_handler_has_a_default_argument_into_which_flet_would_put_its_event() -> None:
    wrong = [f.name for f in FILES if re.search(r"on_click=lambda \w+=", f.read_text(encoding="utf-8"))]
    assert wrong == []


@pytest.mark.parametrize("file", [f for f in FILES if f.parent.name == "screens"], ids=lambda f: f.name)
def test_a_screen_writes_no_sentence_of_its_own(file: Path) -> None:
    code = re.sub(r'"""[\s\S]*?"""|#.*', "", file.read_text(encoding="utf-8"))
    strings = re.findall(r'"([^"\n]*[一-鿿][^"\n]*)"', code)
    # What a language calls itself is the same in both; 本人 is a value of the roster, not a word of ours.
    assert [s for s in strings if s not in ("中文", "本人")] == []
