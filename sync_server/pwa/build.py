"""Build the phone app as a static site that runs in a browser with no server behind it.

The site is staged from an allow-list (docs/adr/0006-browser-build-from-an-allow-list.md): `main.py`,
`app/`, the data that the phone reads from `assets/`, and the packages of `[project].dependencies`.
Equal inputs give equal files. What takes long (bytecode of the standard library and the packages,
fonts, compressed copies) is kept in the cache by the hash of what it was made from, so that a change
in `app/` alone takes a few seconds.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from app.domain.errors import BuildFailed
from sync_server.pwa import bytecode, offline, site
from sync_server.pwa.compressed import write_compressed_copies
from sync_server.pwa.packages import browser_packages, fetch_wheels, unpack_packages

ROOT = Path(__file__).resolve().parent.parent.parent
DEFAULT_OUT = ROOT / "build" / "web"
DEFAULT_CACHE = ROOT / "build"
# Of assets/ the phone's Python reads these; fonts and icons are the page's.
_PHONE_DATA = ("campaigns/*.toml", "divisions/*.csv")
_REPORT = "build.json"
_REPLACE_ATTEMPTS = 5


@dataclass(frozen=True)
class BuildReport:
    """What a build made. `is_reused` says that the site was already there, made of the same inputs."""

    out: Path
    version: str
    files: int
    size_bytes: int
    app_bytes: int
    packages_bytes: int
    seconds: float
    is_reused: bool


def build_web(
    out: Path = DEFAULT_OUT, cache: Path = DEFAULT_CACHE, *, main: Path = ROOT / "main.py"
) -> BuildReport:
    """Make the site in `out`, replacing what is there only once the new one is complete.

    `main` is the module that the page runs; tests give their own. Does nothing when the inputs have
    not changed since `out` was made. The first build downloads two wheels into `cache/wheels`; later
    ones need no network. Raises `BuildFailed` and `Unavailable`, and leaves `out` as it was.
    """
    started = time.monotonic()
    packages = browser_packages(ROOT / "pyproject.toml")
    fingerprint = _fingerprint(main, packages)
    report = _existing(out, fingerprint)
    if report is not None:
        return report
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
        staged = Path(scratch) / "site"
        staged.mkdir()
        site.lay_out_client(staged)
        site.lay_out_page(staged)
        site.lay_out_assets(staged, ROOT / "assets", lambda font: _woff2(font, cache))
        shutil.copyfile(_standard_library(cache), staged / "pyodide" / "python_stdlib.zip")
        shutil.copyfile(_packages(packages, cache), staged / "packages.zip")
        _stage_app(main, Path(scratch) / "app")
        bytecode.archive_folder(Path(scratch) / "app", staged / "app.zip")
        version = offline.write_service_worker(staged)
        report = _report(staged, out, version=version, seconds=round(time.monotonic() - started, 1))
        write_compressed_copies(staged, cache / "compressed")
        _write_report(staged, report, fingerprint)
        _replace(staged, out)
    return report


def _stage_app(main: Path, stage: Path) -> None:
    """The app's own files, compiled, as Python will find them in the page's worker."""
    stage.mkdir()
    shutil.copyfile(main, stage / "main.py")
    for source in _app_sources():
        target = stage / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    bytecode.compile_folder(stage, site.client_folder() / "pyodide")


def _app_sources() -> list[Path]:
    data = [path for pattern in _PHONE_DATA for path in (ROOT / "assets").glob(pattern)]
    return sorted([*(ROOT / "app").rglob("*.py"), *data])


def _standard_library(cache: Path) -> Path:
    """Pyodide's standard library with bytecode in the place of its 559 sources."""
    source = site.client_folder() / "pyodide" / "python_stdlib.zip"

    def make(folder: Path) -> None:
        with zipfile.ZipFile(source) as archive:
            archive.extractall(folder)
        bytecode.compile_folder(folder, source.parent)

    return _cached_archive(
        cache / "compiled", "stdlib", [source, Path(bytecode.__file__), bytecode.COMPILER], [], make
    )


def _packages(packages: dict[str, metadata.Distribution], cache: Path) -> Path:
    """The packages of the browser's Python as one archive of bytecode."""
    wheels = fetch_wheels(packages, cache / "wheels")
    versions = [f"{name}=={distribution.version}" for name, distribution in packages.items()]
    sources = [Path(__file__).parent / "packages.py", bytecode.COMPILER, *wheels.values()]

    def make(folder: Path) -> None:
        unpack_packages(packages, wheels, folder)
        bytecode.compile_folder(folder, site.client_folder() / "pyodide")

    return _cached_archive(cache / "compiled", "packages", sources, versions, make)


def _woff2(font: Path, cache: Path) -> Path:
    """The font compressed for the web (half the bytes), made once for each content."""
    from fontTools.ttLib import woff2

    target = cache / "compiled" / f"{font.stem}-{_hash([font], [])}.woff2"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        woff2.compress(str(font), str(partial))
        partial.replace(target)
    return target


def _cached_archive(
    folder: Path, name: str, sources: list[Path], names: list[str], make: Callable[[Path], None]
) -> Path:
    """The zip of what `make` writes, made once for each content of `sources` and `names`."""
    target = folder / f"{name}-{_hash(sources, names)}.zip"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            stage = Path(scratch) / "stage"
            stage.mkdir()
            make(stage)
            bytecode.archive_folder(stage, Path(scratch) / target.name)
            (Path(scratch) / target.name).replace(target)
    return target


def _fingerprint(main: Path, packages: dict[str, metadata.Distribution]) -> str:
    """A hash over everything that can change a byte of the site."""
    own = [
        path for path in Path(__file__).parent.rglob("*") if path.suffix in {".py", ".js", ".mjs", ".html"}
    ]
    assets = [
        path for name in ("fonts", "icons") for path in (ROOT / "assets" / name).iterdir() if path.is_file()
    ]
    versions = [f"{name}=={distribution.version}" for name, distribution in packages.items()]
    versions += [f"{name}=={metadata.version(name)}" for name in ("flet-web", "fonttools", "brotli")]
    return _hash([main, *_app_sources(), *sorted(own), *sorted(assets)], versions)


def _hash(sources: list[Path], names: list[str]) -> str:
    total = hashlib.sha256()
    for source in sources:
        label = source.relative_to(ROOT) if source.is_relative_to(ROOT) else source.name
        total.update(f"{label}\0{hashlib.sha256(source.read_bytes()).hexdigest()}\n".encode())
    total.update("\n".join(names).encode())
    return total.hexdigest()[:16]


def _report(staged: Path, out: Path, *, version: str, seconds: float) -> BuildReport:
    files = [path for path in staged.rglob("*") if path.is_file()]
    return BuildReport(
        out=out,
        version=version,
        files=len(files),
        size_bytes=sum(path.stat().st_size for path in files),
        app_bytes=(staged / "app.zip").stat().st_size,
        packages_bytes=(staged / "packages.zip").stat().st_size,
        seconds=seconds,
        is_reused=False,
    )


def _write_report(staged: Path, report: BuildReport, fingerprint: str) -> None:
    record = {**asdict(report), "fingerprint": fingerprint}
    del record["out"], record["is_reused"]
    (staged / _REPORT).write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def _existing(out: Path, fingerprint: str) -> BuildReport | None:
    """The report of the site in `out` if it was made from the same inputs."""
    try:
        record = json.loads((out / _REPORT).read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    if record.pop("fingerprint", None) != fingerprint:
        return None
    return BuildReport(out=out, is_reused=True, **record)


def _replace(staged: Path, out: Path) -> None:
    """Put `staged` where `out` is; a server that is reading `out` sees the old site or the new one.

    Another build of the same inputs may come in between (a demo beside the tests): the later one wins.
    """
    for attempt in range(_REPLACE_ATTEMPTS):
        if out.exists():
            out.rename(staged.parent / f"retired-{attempt}")
        try:
            staged.rename(out)
        except OSError:
            continue
        return
    raise BuildFailed(f"{out} 一直被另一次构建占着，新的网页没有放进去。请等它结束后再试。")
