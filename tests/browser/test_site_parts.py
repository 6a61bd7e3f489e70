"""The parts of the browser build that need no browser: packages, bytecode, font table, serving, devices."""

from __future__ import annotations

import asyncio
import os
import zipfile
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from app.device import current_device
from app.domain.errors import BuildFailed, Unavailable
from sync_server.pwa import bytecode, fallback, packages, site
from sync_server.pwa.build import ROOT
from sync_server.pwa.serve import web_app


def test_browser_gets_the_app_packages_and_what_they_need_but_no_server_and_no_pillow() -> None:
    names = set(packages.browser_packages(ROOT / "pyproject.toml"))
    assert {"flet", "pydantic", "pydantic-core", "sqlite-utils", "httpx", "pypinyin", "msgpack"} <= names
    assert names.isdisjoint({"pillow", "pip", "fastapi", "sqlalchemy", "pytest", "certifi"})


def test_packages_leave_sources_of_other_languages_tests_and_the_phrase_dictionary_behind(
    tmp_path: Path,
) -> None:
    chosen = packages.browser_packages(ROOT / "pyproject.toml")
    packages.unpack_packages({name: chosen[name] for name in ("pypinyin", "msgpack", "anyio")}, {}, tmp_path)
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"pypinyin/pinyin_dict.json", "pypinyin/core.py", "msgpack/__init__.py"} <= names
    assert not {name for name in names if name.endswith((".pyi", ".so", ".pyx")) or "phrases_dict" in name}


def test_missing_wheel_without_a_network_is_one_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("UV_OFFLINE", "1")
    chosen = packages.browser_packages(ROOT / "pyproject.toml")
    with pytest.raises(Unavailable, match=f"msgpack=={chosen['msgpack'].version}.*请连上网络再运行一次"):
        packages.fetch_wheels({"msgpack": chosen["msgpack"]}, tmp_path / "wheels")


def test_source_that_does_not_compile_stops_the_build_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("x = 1\n", "utf-8")
    (tmp_path / "broken.py").write_text("def f(:\n", "utf-8")
    with pytest.raises(BuildFailed, match=r"broken\.py"):
        bytecode.compile_folder(tmp_path, site.client_folder() / "pyodide")


def test_equal_sources_give_equal_bytecode(tmp_path: Path) -> None:
    compiled = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        # A set of strings is stored in the order of their hashes, which differ from run to run.
        (tmp_path / name / "module.py").write_text(
            "def f(x): return x in {'走', '访', '上门', '谈心'}\n", "utf-8"
        )
        bytecode.compile_folder(tmp_path / name, site.client_folder() / "pyodide")
        compiled.append((tmp_path / name / "module.pyc").read_bytes())
    assert compiled[0] == compiled[1]


def test_archives_of_equal_contents_are_equal_whatever_the_dates(tmp_path: Path) -> None:
    for name, moment in (("one", 1_000_000_000), ("two", 1_700_000_000)):
        folder = tmp_path / name / "package"
        folder.mkdir(parents=True)
        (folder / "module.pyc").write_bytes(b"code")
        os.utime(folder / "module.pyc", (moment, moment))
        bytecode.archive_folder(tmp_path / name, tmp_path / f"{name}.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert zipfile.ZipFile(tmp_path / "one.zip").namelist() == ["package/module.pyc"]


def test_font_table_names_one_font_for_all_ideographs_and_leaves_the_rest_alone() -> None:
    script = (site.client_folder() / "main.dart.js").read_text("utf-8")
    rewritten = fallback.name_one_font_for_ideographs(script)
    assert rewritten is not None
    before, after = _table(script), _table(rewritten)
    ideographs = {point for block in fallback.IDEOGRAPHS for point in block}
    assert {after[ord(character)] for character in "龘㐂𠅤𬱖𫖯"} == {before[ord("龘")]}
    changed = {point for point, (old, new) in enumerate(zip(before, after, strict=True)) if old != new}
    assert changed <= ideographs


def test_script_without_the_font_table_is_refused() -> None:
    assert fallback.name_one_font_for_ideographs('const other = "' + "abc1A" * 9000 + '";') is None


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    folder = tmp_path / "site"
    (folder / "assets" / "fonts").mkdir(parents=True)
    (folder / "index.html").write_text("<p>走访", "utf-8")
    (folder / "main.mjs").write_text("plain", "utf-8")
    (folder / "main.mjs.br").write_bytes(brotli.compress(b"plain"))
    (folder / "main.mjs.gz").write_bytes(b"gz")
    (folder / site.RARE_FONT).write_bytes(b"rare")
    return TestClient(Starlette(routes=[Mount("/app", web_app(folder))]))


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        pytest.param("gzip, deflate, br", "br", id="brotli where the browser takes it"),
        pytest.param("identity", None, id="plain where it takes nothing else"),
        pytest.param("br;q=0, gzip;q=0", None, id="plain where it refuses both"),
    ],
)
def test_compressed_copy_is_sent_to_a_browser_that_takes_it(
    client: TestClient, accepted: str, encoding: str | None
) -> None:
    answer = client.get("/app/main.mjs", headers={"Accept-Encoding": accepted})
    assert (answer.status_code, answer.text, answer.headers.get("content-encoding")) == (
        200,
        "plain",
        encoding,
    )
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert (answer.headers["cache-control"], answer.headers["vary"]) == ("no-cache", "Accept-Encoding")


def test_unchanged_file_is_answered_without_a_body(client: TestClient) -> None:
    first = client.get("/app/")
    again = client.get("/app/", headers={"If-None-Match": first.headers["etag"]})
    assert (first.text, again.status_code, again.content) == ("<p>走访", 304, b"")


def test_every_slice_of_a_noto_font_is_the_font_of_rare_characters(client: TestClient) -> None:
    answer = client.get("/app/assets/fonts/notosanssc/v37/slice.21.woff2")
    assert (answer.content, answer.headers["content-type"]) == (b"rare", "font/woff2")


@pytest.mark.parametrize(
    "path", ["/app/absent.js", "/app/../pyproject.toml", "/app/%2e%2e/%2e%2e/etc/passwd"]
)
def test_what_is_not_part_of_the_site_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_desk_keeps_its_database_in_the_folder_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLET_APP_STORAGE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ZOUFANG_SERVER", "https://zoufang.example")
    device = current_device()
    assert asyncio.run(device.files.mount_durable()) == "durable"
    assert device.files.data_path() == tmp_path / "data" / "zoufang.db"
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    assert device.network.server_origin() == "https://zoufang.example"


def test_desk_raises_connect_error_for_a_server_that_is_off() -> None:
    async def ask() -> None:
        async with current_device().network.http_client("http://127.0.0.1:9") as client:
            await client.get("/v1/sync")

    with pytest.raises(httpx.ConnectError):
        asyncio.run(ask())


def _table(script: str) -> list[int]:
    tables = (fallback._decode(match[1]) for match in fallback._TABLE.finditer(script))
    return next(table for table in tables if table is not None)
