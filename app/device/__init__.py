"""The machine under the app: installed on a phone, or a page in a browser."""

import sys

from app.device.ports import (
    DATABASE_NAME,
    BlobFiles,
    Camera,
    Device,
    Files,
    MountResult,
    Network,
    NetworkKind,
)

__all__ = [
    "DATABASE_NAME",
    "BlobFiles",
    "Camera",
    "Device",
    "Files",
    "MountResult",
    "Network",
    "NetworkKind",
    "current_device",
]


def current_device() -> Device:
    """The device that this process runs on. Each call builds a new one; `bootstrap()` calls it once."""
    if sys.platform == "emscripten":
        from app.device.browser import browser_device

        return browser_device()
    from app.device.native import native_device

    return native_device()
