"""The store: a folder and an S3-compatible bucket behave alike; what it says it has is what was given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from app.domain.errors import BadConfig, Unavailable
from sync_server.photos.blobs import Blobs, BucketBlobs, FolderBlobs, digest_of, name_of, open_blobs
from sync_server.photos.shelf import open_shelf
from sync_server.records.city import open_city
from sync_server.settings import Settings
from tests.photos import pictures

PICTURE = pictures.padded(700_000)
NAME = name_of("photos", pictures.digest_of(PICTURE))


@pytest.fixture(params=["folder", "bucket"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return FolderBlobs(tmp_path / "store") if request.param == "folder" else BucketBlobs(MemoryStore())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "picture.part"
    path.write_bytes(PICTURE)
    return path


def test_what_is_taken_comes_back_in_pieces_and_the_file_is_gone(blobs: Blobs, file: Path) -> None:
    blobs.take(file, NAME)
    pieces = list(blobs.pieces(NAME) or [])
    assert b"".join(pieces) == PICTURE
    assert not file.exists()
    assert list(blobs.names("photos")) == [NAME]


def test_how_much_there_is_of_a_name_is_told_without_reading_it(blobs: Blobs, file: Path) -> None:
    assert blobs.size(NAME) is None
    blobs.take(file, NAME)
    assert blobs.size(NAME) == len(PICTURE)


def test_taking_the_same_bytes_again_changes_nothing(blobs: Blobs, file: Path) -> None:
    blobs.take(file, NAME)
    file.write_bytes(PICTURE)
    blobs.take(file, NAME)
    assert digest_of(blobs.pieces(NAME) or iter([])) == (NAME.removeprefix("photos/"), len(PICTURE))
    assert list(blobs.names("photos")) == [NAME]


def test_what_is_dropped_or_was_never_there_is_not_there(blobs: Blobs, file: Path) -> None:
    blobs.take(file, NAME)
    blobs.put(name_of("thumbs", "0" * 64), b"small")
    blobs.drop(NAME)
    blobs.drop(NAME)
    assert blobs.pieces(NAME) is None
    assert list(blobs.names("photos")) == []
    assert list(blobs.names("thumbs")) == [name_of("thumbs", "0" * 64)]


class WrongStore(BucketBlobs):
    """A store that answers with other bytes than it was given."""

    def pieces(self, name: str) -> Iterator[bytes] | None:
        found = super().pieces(name)
        return None if found is None else (piece[:-1] + b"?" for piece in found)


def test_a_bucket_that_gives_back_other_bytes_is_not_believed(file: Path) -> None:
    with pytest.raises(Unavailable, match="手机里的还在"):
        WrongStore(MemoryStore()).take(file, NAME)
    assert file.read_bytes() == PICTURE


@pytest.mark.parametrize("place", ["s3://", "nowhere://bucket", "http//://x"])
def test_an_address_that_is_no_store_is_refused_in_one_sentence(place: str) -> None:
    with pytest.raises(BadConfig, match="ZOUFANG_PHOTOS 不是能用的照片库地址"):
        open_blobs(place)


def test_a_folder_that_cannot_be_one_is_refused_in_one_sentence(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    engine = open_city(settings)
    with pytest.raises(BadConfig, match=r"照片文件夹 .*不能用"):
        open_shelf(engine, replace(settings, photos=str(tmp_path / "file")))
    engine.dispose()
