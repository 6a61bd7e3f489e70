"""Which packages travel to the browser, and how each is unpacked.

The list is `[project].dependencies` and what those need, with the markers read as the browser's
Python reads them. Versions are those installed here, so the pins of pyproject.toml govern and
pure packages need no download. Two are compiled code and come as wheels for WebAssembly, which
`fetch_wheels` downloads once; after that a build needs no network.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app.domain.errors import Unavailable

# The Python inside Pyodide 314, as flet-web carries it.
BROWSER_ENVIRONMENT = {
    "python_version": "3.14",
    "python_full_version": "3.14.2",
    "sys_platform": "emscripten",
    "platform_system": "Emscripten",
    "platform_machine": "wasm32",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "os_name": "posix",
    "extra": "",
}
WHEEL_PLATFORM = "pyemscripten_2026_0_wasm32"
COMPILED = frozenset({"pydantic-core", "msgpack"})
# Named by a dependency, never reached by the phone app; each with what it would cost.
LEFT_BEHIND = {
    "oauthlib": "only flet.auth uses it",
    "certifi": "the browser checks certificates",
    "pip": "sqlite-utils installs its own plugins with it: 5 MB",
    "tzdata": "the app keeps UTC and adds eight hours itself: 0.5 MB",
    "pillow": "the browser shrinks photos on a canvas",
}
_FOLDERS_LEFT = re.compile(r"(^|/)(__pycache__|tests?|testing)/|^pydantic/v1/")
_NAMES_LEFT = re.compile(r"\.(pyi|pyx|c|h|so|pyd|pth)$|(^|/)py\.typed$")
_METADATA_KEPT = re.compile(r"\.dist-info/(METADATA|entry_points\.txt|licenses/.*|LICEN[CS]E.*)$")
# One character at a time is how names are read, so the dictionary of phrases (2.5 MB) stays
# behind; the worker sets PYPINYIN_NO_PHRASES, which pypinyin documents for this.
_FILES_LEFT = frozenset({"pypinyin/phrases_dict.json", "pypinyin/phrases_dict.py"})


def browser_packages(pyproject: Path) -> dict[str, metadata.Distribution]:
    """The distributions that the phone app needs in the browser, by normalised name, sorted."""
    project = tomllib.loads(pyproject.read_text("utf-8"))["project"]
    found: dict[str, metadata.Distribution] = {}
    pending = list(project["dependencies"])
    while pending:
        requirement = Requirement(pending.pop())
        name = canonicalize_name(requirement.name)
        if name in found or name in LEFT_BEHIND:
            continue
        if requirement.marker and not requirement.marker.evaluate(BROWSER_ENVIRONMENT):
            continue
        found[name] = metadata.distribution(requirement.name)
        pending += found[name].requires or []
    return dict(sorted(found.items()))


def fetch_wheels(packages: dict[str, metadata.Distribution], cache: Path) -> dict[str, Path]:
    """The WebAssembly wheel of each compiled package, downloaded into `cache` if not there yet.

    Raises `Unavailable` when one is missing and cannot be fetched.
    """
    wheels = {}
    for name in sorted(COMPILED & set(packages)):
        version = packages[name].version
        pattern = f"{name.replace('-', '_')}-{version}-*{WHEEL_PLATFORM}.whl"
        if not any(cache.glob(pattern)):
            _download(f"{name}=={version}", cache)
        wheels[name] = next(cache.glob(pattern))
    return wheels


def unpack_packages(packages: dict[str, metadata.Distribution], wheels: dict[str, Path], stage: Path) -> None:
    """Lay the packages out below `stage` as an import path, without what an app never reads."""
    for name, distribution in packages.items():
        if name in wheels:
            _unpack_wheel(wheels[name], stage)
        else:
            _copy_installed(distribution, stage)


def _download(requirement: str, cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    arguments = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    arguments += ["--only-binary", ":all:", "--platform", WHEEL_PLATFORM, "--dest", str(cache)]
    arguments += ["--python-version", "314", "--implementation", "cp", "--abi", "cp314", requirement]
    # A virtual environment made by uv has no pip of its own unless the dev group brought it.
    for python in ([sys.executable], ["uv", "run", "--no-project", "--with", "pip", "python"]):
        try:
            result = subprocess.run([*python, *arguments], capture_output=True, text=True, check=False)
        except FileNotFoundError:
            continue
        if result.returncode == 0:
            return
    raise Unavailable(
        f"手机网页版缺少 {requirement} 的 WebAssembly 包，现在也下载不到。请连上网络再运行一次，"
        f"或把它的 {WHEEL_PLATFORM} 轮子放进 {cache.name}/ 目录。"
    )


def _unpack_wheel(wheel: Path, stage: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(stage, [n for n in names if n.endswith(".so") or n in set(_kept(names))])


def _copy_installed(distribution: metadata.Distribution, stage: Path) -> None:
    for name in _kept(file.as_posix() for file in distribution.files or []):
        target = stage / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(Path(str(distribution.locate_file(name))).read_bytes())


def _kept(names: Iterable[str]) -> list[str]:
    """The names, of one distribution's files, that the browser needs."""
    return [
        name
        for name in names
        if not name.startswith("..")
        and not name.endswith("/")
        and name not in _FILES_LEFT
        and not _FOLDERS_LEFT.search(name)
        and not _NAMES_LEFT.search(name)
        and (".dist-info/" not in name or _METADATA_KEPT.search(name))
    ]
