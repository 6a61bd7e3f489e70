"""The server dies by SIGKILL at each step of taking a photo in: the offset is true, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from sync_server.asgi import create_app
from sync_server.settings import Settings
from tests.fakes import FakeClock
from tests.photos.pictures import padded
from tests.photos.sender import create, offset_of, send, tus
from tests.photos.serving import MOMENTS, server
from tests.photos.test_uploads import RECEIPT, ask_for_proofs, stored
from tests.postgres import on_sqlite
from tests.server.phones import Phone

CONTENT = padded(300_000)
pytestmark = on_sqlite


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_server_killed_on_the_way_is_gone_on_with(
    settings: Settings, clock: FakeClock, tmp_path: Path, moment: str
) -> None:
    app = create_app(settings, now_ms=clock, site=tmp_path / "web")
    phone = Phone.sign_in(app, clock, "village")
    address = create(phone, CONTENT).headers["Location"]
    send(phone, address, CONTENT[:1000], 0)
    app.state.server.engine.dispose()
    headers = {
        "Tus-Resumable": "1.0.0",
        "Authorization": f"Bearer {phone.token}",
        "Upload-Offset": "1000",
        "Content-Type": "application/offset+octet-stream",
    }
    with server(settings.data, moment) as origin, pytest.raises(httpx.TransportError):
        httpx.patch(origin + address, content=CONTENT[1000:], headers=headers, timeout=30)

    app = create_app(settings, now_ms=clock, site=tmp_path / "web")
    phone.app = app
    assert ask_for_proofs(phone, [CONTENT])["proofs"] == {}
    assert offset_of(phone, address) == len(CONTENT)  # all of it had come, and none of it is sent again
    assert RECEIPT in tus(phone, "HEAD", address).headers
    assert stored(app, CONTENT)
    app.state.server.engine.dispose()


def test_a_checked_chunk_that_a_dying_server_had_not_checked_is_taken_back(
    settings: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    app = create_app(settings, now_ms=clock, site=tmp_path / "web")
    phone = Phone.sign_in(app, clock, "village")
    address = create(phone, CONTENT).headers["Location"]
    send(phone, address, CONTENT[:1000], 0)
    app.state.server.engine.dispose()
    headers = {
        "Tus-Resumable": "1.0.0",
        "Authorization": f"Bearer {phone.token}",
        "Upload-Offset": "1000",
        "Upload-Checksum": "sha1 AAAA",
        "Content-Type": "application/offset+octet-stream",
    }
    moment = "with the chunk written and not flushed"
    with server(settings.data, moment) as origin, pytest.raises(httpx.TransportError):
        httpx.patch(origin + address, content=CONTENT[1000:200_000], headers=headers, timeout=30)
    phone.app = create_app(settings, now_ms=clock, site=tmp_path / "web")
    assert offset_of(phone, address) == 1000
    phone.app.state.server.engine.dispose()
