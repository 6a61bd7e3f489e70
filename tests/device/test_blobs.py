"""Photos' files in a folder: there whole or not at all, and nothing left where there is no room."""

import asyncio
import errno
import hashlib
import os
from pathlib import Path

import pytest

from app.device.blobs import FolderBlobs
from app.domain.errors import StorageFull, StoreFault

CONTENT = b"a photo" * 1000
NAME = hashlib.sha256(CONTENT).hexdigest()


def test_a_file_is_read_in_parts_listed_and_deleted(tmp_path: Path) -> None:
    async def play() -> None:
        blobs = FolderBlobs(tmp_path / "photos")
        assert await blobs.listed() == []
        await blobs.put(NAME, CONTENT)
        await blobs.put(NAME, CONTENT)
        assert await blobs.read(NAME, 3, 10) == CONTENT[3:13]
        assert await blobs.read(NAME, len(CONTENT) - 2, 10) == CONTENT[-2:]
        assert await blobs.listed() == [NAME]
        assert (await blobs.free_bytes() or 0) > 0
        await blobs.delete(NAME)
        await blobs.delete(NAME)
        assert await blobs.listed() == []
        with pytest.raises(StoreFault):
            await blobs.read(NAME, 0, 1)

    asyncio.run(play())


@pytest.mark.parametrize(("code", "error"), [(errno.ENOSPC, StorageFull), (errno.EIO, StoreFault)])
def test_without_room_nothing_is_kept_and_the_sentence_says_that_visits_still_save(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, error: type[StoreFault]
) -> None:
    def full(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(error) as refused:
        asyncio.run(FolderBlobs(tmp_path / "photos").put(NAME, CONTENT))
    assert "走访照样能存" in refused.value.sentence
    assert list((tmp_path / "photos").iterdir()) == []
