"""200 photos of 300 KB over loopback, beside curl and a bare endpoint; memory; 50 phones at once; a resume.

The bare endpoint is a server of a few lines that writes each body to a file, flushes it to the disk and
hashes it: what any server has to do. curl sends it the same files, one process and one connection each.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import httpx

from app.domain.codes import Role
from sync_server.db.engine import writing
from sync_server.records.accounts import create_account, enrol_device
from sync_server.records.city import open_city
from sync_server.settings import Settings
from tests.bench.bare_endpoint import bare_endpoint
from tests.bench.data import NOW_MS, fresh_folder
from tests.bench.figures import Figure, timed
from tests.bench.server import serving

PHOTOS, PHOTO_BYTES = 200, 300_000
PHONES, OF_PHONE_BYTES = 50, 5 * 1024 * 1024
CHUNK_BYTES = 256 * 1024
_VILLAGE = "331121209200"
_JPEG = b"\xff\xd8\xff\xe0"
_RECEIPT = "zoufang-photo-receipt"


@dataclass(frozen=True, slots=True)
class Photo:
    """Bytes that begin like a JPEG, and how they are announced."""

    content: bytes

    @property
    def headers(self) -> dict[str, str]:
        told = {"sha256": sha256(self.content).hexdigest(), "filetype": "image/jpeg"}
        pairs = ",".join(f"{name} {b64encode(said.encode()).decode()}" for name, said in told.items())
        return {"upload-length": str(len(self.content)), "upload-metadata": pairs}


def measure() -> list[Figure]:
    """The figures; the files lie on the real disk."""
    folder = fresh_folder("photos")
    photos = _photos(PHOTOS, PHOTO_BYTES)
    curl_s = _by_curl(folder, photos)
    figures = _sent_one_by_one(folder, photos, curl_s)
    figures += _many_at_once(folder)
    shutil.rmtree(folder)
    return figures


def _photos(count: int, size_bytes: int, seed: int = 0) -> list[Photo]:
    chance = random.Random(seed)
    return [Photo(_JPEG + chance.randbytes(size_bytes - len(_JPEG))) for _ in range(count)]


def _by_curl(folder: Path, photos: list[Photo]) -> float:
    """Seconds for all of them."""
    files = folder / "files"
    files.mkdir()
    for number, photo in enumerate(photos):
        (files / f"{number}.jpg").write_bytes(photo.content)
    with bare_endpoint(folder / "bare") as address, timed() as lap:
        for file in sorted(files.iterdir()):
            command = ["curl", "-sf", "-H", "Expect:", "-T", str(file), f"{address}/{file.name}"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return lap.seconds


def _sent_one_by_one(folder: Path, photos: list[Photo], curl_s: float) -> list[Figure]:
    data, (token,) = _city(folder / "one", 1)
    with serving(data) as server:
        said, requests = asyncio.run(_send_all(server.origin, token, photos))
        resent = asyncio.run(
            _cut_and_resumed(server.origin, token, Photo(_photos(1, 2_000_000, 7)[0].content))
        )
    return [
        Figure("200 photos of 300 KB by curl to a bare endpoint", curl_s, "s", key="curl_s"),
        Figure("200 photos of 300 KB, each proven", said, "s", 2 * curl_s, "one connection", key="photos_s"),
        Figure("  beside curl", said / curl_s, "times", 2, key="photos_over_curl"),
        Figure("  requests a photo", requests / len(photos), "", key="requests_per_photo"),
        Figure("sent again at a resume, at most", resent / 1024, "KB", 256, key="resent_kb"),
    ]


async def _send_all(origin: str, token: str, photos: list[Photo]) -> tuple[float, int]:
    """Seconds, and requests made."""
    requests = 0
    async with _client(origin, token) as client:
        await client.get("/v1/photos/key")
        with timed() as lap:
            for photo in photos:
                requests += await _send(client, photo)
    return lap.seconds, requests


async def _send(client: httpx.AsyncClient, photo: Photo) -> int:
    """Send `photo` as a phone does, in chunks of which the first comes with the announcement; requests made.

    Raises if it is not proven in the end.
    """
    stream = {"content-type": "application/offset+octet-stream"}
    first = photo.content[:CHUNK_BYTES]
    answer = await client.post("/v1/photos", content=first, headers={**photo.headers, **stream})
    answer.raise_for_status()
    address, offset, requests = answer.headers["location"], len(first), 1
    while offset < len(photo.content):
        piece = photo.content[offset : offset + CHUNK_BYTES]
        answer = await client.patch(address, content=piece, headers={**stream, "upload-offset": str(offset)})
        answer.raise_for_status()
        offset += len(piece)
        requests += 1
    if _RECEIPT not in answer.headers:
        raise SystemExit("a photo was not proven")
    return requests


async def _cut_and_resumed(origin: str, token: str, photo: Photo) -> int:
    """The most bytes sent again after a connection was lost, at ten places in a chunk."""
    most = 0
    stream = {"content-type": "application/offset+octet-stream"}
    async with _client(origin, token) as client:
        address = (await client.post("/v1/photos", headers=photo.headers)).headers["location"]
        offset = 0
        for number in range(10):
            piece = photo.content[offset : offset + CHUNK_BYTES][: 20_000 * (number + 1)]

            async def cut(piece: bytes = piece):  # type: ignore[no-untyped-def]
                yield piece
                raise ConnectionError

            said = {**stream, "upload-offset": str(offset), "content-length": str(CHUNK_BYTES)}
            try:
                await client.patch(address, content=cut(), headers=said)
            except ConnectionError:
                sent = offset + len(piece)
            answer = await client.head(address)
            while answer.status_code == 423:  # the server has not noticed yet
                await asyncio.sleep(0.05)
                answer = await client.head(address)
            offset = int(answer.headers["upload-offset"])
            most = max(most, sent - offset)
    return most


def _many_at_once(folder: Path) -> list[Figure]:
    """What the server holds in memory with one upload in hand and with a hundred, and 50 phones at once."""
    data, tokens = _city(folder / "many", 100)
    with serving(data) as server:
        asyncio.run(_each_sends(server.origin, tokens[:1], _photos(1, 1_900_000, 1)))
        one_mb = server.most_memory_mb()
        asyncio.run(_each_sends(server.origin, tokens, _photos(100, 1_900_000, 2)))
        hundred_mb = server.most_memory_mb()
    data, tokens = _city(folder / "crowd", PHONES)
    each = OF_PHONE_BYTES // PHOTO_BYTES + 1
    photos = _photos(PHONES * each, PHOTO_BYTES, 3)
    with serving(data) as server, timed() as lap:
        proven = asyncio.run(_each_sends(server.origin, tokens, photos))
    return [
        Figure("server memory with 1 upload in hand", one_mb, "MB", key="memory_1_mb"),
        # What a hundred connections have sent and the server has not read yet; not the photos.
        Figure("server memory with 100 in hand", hundred_mb, "MB", one_mb + 64, key="memory_100_mb"),
        Figure(f"{PHONES} phones, 5 MB each, at once", lap.seconds, "s", key="phones_s"),
        Figure("  photos not proven", len(photos) - proven, "", 0, key="phones_unproven"),
    ]


async def _each_sends(origin: str, tokens: list[str], photos: list[Photo]) -> int:
    """Every phone sends its share, all at the same time; how many photos were proven."""

    async def share(number: int, token: str) -> int:
        mine = photos[number :: len(tokens)]
        async with _client(origin, token) as client:
            for photo in mine:
                await _send(client, photo)
        return len(mine)

    return sum(await asyncio.gather(*(share(number, token) for number, token in enumerate(tokens))))


def _client(origin: str, token: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0"}
    return httpx.AsyncClient(base_url=origin, headers=headers, timeout=120)


def _city(data: Path, devices: int) -> tuple[Path, list[str]]:
    """A city's data with one worker, and the tokens of his devices."""
    data.mkdir(parents=True)
    engine = open_city(Settings.at(data))
    with writing(engine) as connection:
        account = create_account(
            connection,
            "bench",
            "bench-bench",
            name="测试",
            organisation_code=_VILLAGE,
            role=Role.RECORDER,
            now_ms=NOW_MS,
        )
        tokens = [enrol_device(connection, account, f"{n}", now_ms=NOW_MS).token for n in range(devices)]
    engine.dispose()
    return data, tokens
