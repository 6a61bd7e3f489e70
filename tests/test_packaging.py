"""What `flet build` would put on a phone: the app and its assets, nothing of the server or the tests.

Flutter's SDK is needed to build; what is packed is decided before it is, by these very settings.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from flet_cli.utils.app_excludes import find_default_excludes
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SETTINGS = PROJECT["tool"]["flet"]["app"]


def packed() -> list[Path]:
    """The files that would be packed, relative to the root."""
    explicit = ["build", *SETTINGS["exclude"]]
    left_out = {ROOT / name for name in [*explicit, *find_default_excludes(ROOT, (), explicit)]}
    found: list[Path] = []
    folders = [ROOT]
    while folders:
        for path in folders.pop().iterdir():
            if path in left_out:
                continue
            if path.is_dir():
                folders.append(path)
            else:
                found.append(path.relative_to(ROOT))
    return found


def test_only_the_app_its_entry_and_its_assets_are_packed():
    assert {path.parts[0] for path in packed()} == {"app", "assets", "main.py"}


def test_the_entry_and_the_assets_lie_where_flet_looks_for_them():
    assert (SETTINGS["path"], SETTINGS["module"]) == (".", "main")
    assert {Path("main.py"), Path("assets/icon.png"), Path("assets/campaigns/lishui-2022.toml")} <= {
        *packed()
    }


def test_what_is_packed_stays_small_enough_for_an_old_phone():
    size_bytes = sum((ROOT / path).stat().st_size for path in packed())
    assert size_bytes < 12_000_000


def test_the_app_imports_only_what_the_phone_installs():
    installed = {
        Requirement(line).name.lower().replace("_", "-") for line in PROJECT["project"]["dependencies"]
    }
    owners = packages_distributions()
    foreign = {name for path in packed() if path.suffix == ".py" for name in imported(ROOT / path)}
    strays = {
        name
        for name in foreign - set(sys.stdlib_module_names) - {"app", "js", "pyodide", "pyodide_js"}
        if not installed & {owner.lower().replace("_", "-") for owner in owners.get(name, [])}
    }
    # The page's own scripts, what Flet puts beside the app in a browser, and pydantic's other half, which
    # it names by exact version.
    assert strays <= {"flet_js", "zoufang_device", "pydantic_core"}


def imported(path: Path) -> set[str]:
    """Top-level names of every absolute import in the module."""
    tree = ast.parse(path.read_text("utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
