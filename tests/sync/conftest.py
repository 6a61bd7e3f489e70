from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.inbox import apply_page
from app.store.store import Store
from tests.fakes import FakeClock, FakeServer, answer_of, head_of, person, signed_in_store
from tests.server.conftest import app, city_url, settings

__all__ = ["app", "city_url", "settings"]  # the real server's fixtures


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock) -> FakeServer:
    """A server that knows nothing yet; its clock agrees with the phone's."""
    return FakeServer(clock=clock)


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    """A signed-in phone with `person-1` on it, whose feed position is the start of the fake server's."""
    store = signed_in_store(tmp_path / "phone.db", clock)
    apply_page(store, "phone-1", answer_of(rows=[head_of(person())], cursor="0"))
    yield store
    store.close()
