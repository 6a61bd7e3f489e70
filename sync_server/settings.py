"""What an operator may set, read once at start from the environment (names begin with ZOUFANG_)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import BadConfig


@dataclass(frozen=True)
class Settings:
    """Where the server keeps its data and where it listens.

    `data` (ZOUFANG_DATA, default `var`) holds the database and the built web app unless
    `database_url` (ZOUFANG_DATABASE, an SQLAlchemy URL) says otherwise. `photos` (ZOUFANG_PHOTOS) is where
    photos are kept: a folder, by default `photos` in `data`, or `s3://bucket/prefix` (photos/blobs.py).
    """

    data: Path
    database_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    photos: str = ""

    def __post_init__(self) -> None:
        if not self.photos:
            object.__setattr__(self, "photos", str(self.data / "photos"))

    @classmethod
    def at(cls, data: Path, *, host: str = "127.0.0.1", port: int = 8000) -> Settings:
        """The settings of a server whose data lie in folder `data`."""
        url = os.environ.get("ZOUFANG_DATABASE") or f"sqlite:///{data / 'zoufang.sqlite'}"
        photos = os.environ.get("ZOUFANG_PHOTOS", "")
        return cls(data=data, database_url=url, host=host, port=port, photos=photos)

    @classmethod
    def from_environment(cls) -> Settings:
        """Raises BadConfig for a port that is no number."""
        port = os.environ.get("ZOUFANG_PORT", "8000")
        if not (port.isascii() and port.isdigit()):
            raise BadConfig("环境变量 ZOUFANG_PORT 应是端口号，如 8000。请改正后再启动。", field="port")
        return cls.at(
            Path(os.environ.get("ZOUFANG_DATA", "var")),
            host=os.environ.get("ZOUFANG_HOST", "127.0.0.1"),
            port=int(port),
        )
