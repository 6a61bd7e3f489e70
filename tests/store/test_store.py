import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.errors import StorageFull, StoreFault, StoreUnreadable
from app.store import prefs
from app.store.schema import MIGRATIONS
from app.store.store import Store, open_store
from app.store.visits import record_visit, visits_of
from tests.fakes import FakeClock, visit_to


def test_a_transaction_that_fails_leaves_nothing_and_tells_nobody(store: Store) -> None:
    heard: list[frozenset[str]] = []
    store.on_commit(heard.append)
    with pytest.raises(ValueError, match="no"), store.transaction():
        store.db.execute("INSERT INTO prefs (account, name, value) VALUES (1, 'a', '1')")
        store.touch({"prefs"})
        raise ValueError("no")
    assert (prefs.pref(store, "a", None), heard) == (None, [])


def test_watches_hear_the_changed_tables_after_the_commit_until_they_stop(store: Store) -> None:
    heard: list[tuple[frozenset[str], object]] = []
    stop = store.on_commit(lambda tables: heard.append((tables, prefs.pref(store, "theme", None))))
    prefs.set_pref(store, "theme", "dark")
    stop()
    stop()
    prefs.set_pref(store, "theme", "light")
    assert heard == [(frozenset({"prefs"}), "dark")]


def test_a_watch_that_fails_neither_undoes_a_save_nor_keeps_it_from_the_other_watches(store: Store) -> None:
    def fail(_: frozenset[str]) -> None:
        raise RuntimeError("a screen that cannot draw")

    heard: list[frozenset[str]] = []
    store.on_commit(fail)
    store.on_commit(heard.append)
    visit = record_visit(store, visit_to("person-1"))
    assert [view.visit.id for view in visits_of(store, "person-1")] == [visit]
    assert heard == [frozenset({"visits", "outbox"})]


def test_transactions_do_not_nest(store: Store) -> None:
    with pytest.raises(AssertionError), store.transaction(), store.transaction():
        pass
    assert not store.db.conn.in_transaction


def test_a_commit_is_synced_to_disk_and_particulars_are_wiped_from_free_pages(store: Store) -> None:
    asked = ("journal_mode", "synchronous", "temp_store", "secure_delete")
    found = {name: store.db.execute(f"PRAGMA {name}").fetchone()[0] for name in asked}
    assert found == {"journal_mode": "wal", "synchronous": 2, "temp_store": 2, "secure_delete": 1}


def test_opening_again_finds_what_was_kept_and_applies_no_step_twice(tmp_path: Path) -> None:
    path = tmp_path / "phone.db"
    first = open_store(path, now_ms=FakeClock())
    prefs.set_pref(first, "language", "zh")
    first.close()
    second = open_store(path, now_ms=FakeClock())
    assert prefs.pref(second, "language", None) == "zh"
    assert MIGRATIONS.pending(second.db) == []


def test_a_file_that_is_no_database_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "phone.db"
    path.write_bytes(b"\xff\xd8 a photo that bears the wrong name" * 100)
    with pytest.raises(StoreUnreadable):
        open_store(path, now_ms=FakeClock())
    assert path.read_bytes() == b"\xff\xd8 a photo that bears the wrong name" * 100


def test_a_database_of_a_newer_version_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "phone.db"
    store = open_store(path, now_ms=FakeClock())
    store.db["_sqlite_migrations"].insert({"migration_set": "phone", "name": "m999", "applied_at": ""})
    store.close()
    with pytest.raises(StoreUnreadable, match="较新版本"):
        open_store(path, now_ms=FakeClock())


def test_a_folder_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="SQLITE_CANTOPEN"):
        open_store(tmp_path / "nowhere" / "phone.db", now_ms=FakeClock())


def test_a_full_disk_says_that_this_one_is_not_saved(store: Store) -> None:
    pages = store.db.execute("PRAGMA page_count").fetchone()[0]
    store.db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageFull, match="还没存上"):
        prefs.set_pref(store, "long", "x" * 100_000)
    assert prefs.pref(store, "long", None) is None


def test_every_table_is_strict(store: Store) -> None:
    loose = [
        row[1]
        for row in store.db.execute("PRAGMA table_list").fetchall()
        if row[2] == "table" and not row[5] and not row[1].startswith(("sqlite_", "_sqlite_"))
    ]
    assert loose == []
    with pytest.raises(sqlite3.IntegrityError):
        store.db.execute("INSERT INTO numbering (device, last_seq, last_hlc) VALUES ('phone-9', 'one', 0)")


@pytest.mark.parametrize(
    ("question", "index"),
    [
        pytest.param(
            "SELECT seq FROM outbox WHERE device = 'd' AND state IN ('saved', 'sent') ORDER BY seq",
            "outbox_waiting",
            id="what waits",
        ),
        pytest.param("SELECT seq FROM outbox WHERE record = 'r'", "outbox_record", id="changes of a record"),
        pytest.param("SELECT state FROM outbox WHERE about = 'v'", "outbox_about", id="state of a visit"),
        pytest.param(
            "SELECT record FROM outbox WHERE entity = 'visit' AND kind = 'create' "
            "ORDER BY saved_at DESC, seq DESC LIMIT 50",
            "outbox_visits",
            id="visits made here",
        ),
        pytest.param(
            "SELECT record FROM records WHERE entity = 'visit' AND person = 'p'",
            "records_entity_person",
            id="visits to a person",
        ),
    ],
)
def test_hot_questions_use_their_index(store: Store, question: str, index: str) -> None:
    plan = " ".join(row[3] for row in store.db.execute(f"EXPLAIN QUERY PLAN {question}"))
    assert index in plan
    assert "TEMP B-TREE" not in plan


def test_the_store_opens_without_flet_httpx_or_pypinyin() -> None:
    """They cost a page in a browser a second; they come with the first screen, exchange and search."""
    script = (
        "import sys; from app.store.store import open_store; from app.store.index import people_index; "
        "from app.sync.loop import SyncLoop; people_index(open_store(':memory:', now_ms=lambda: 0)); "
        "print(sorted({'flet', 'httpx', 'pypinyin'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
