from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.inbox import apply_page
from app.store.store import Store
from tests.fakes import FakeClock, answer_of, head_of, person, signed_in_store


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    """A signed-in phone with one person on it, `person-1`."""
    store = signed_in_store(tmp_path / "phone.db", clock)
    apply_page(store, "phone-1", answer_of(rows=[head_of(person())]))
    yield store
    store.close()
