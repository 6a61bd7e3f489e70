"""P1 and P13 with a real process: what was reported is there after SIGKILL, and nothing is there by half."""

import asyncio
import hashlib
import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from app.device.blobs import FolderBlobs
from app.store import photo_files
from app.store.inbox import apply_page, feed_state
from app.store.numbering import last_seq
from app.store.photo_files import KeptFile
from app.store.photos import NewPhoto
from app.store.store import open_store
from app.store.visits import NewNeed, record_visit
from tests.fakes import NOON, FakeClock, answer_of, head_of, person, signed_in_store, visit_to

KILLS = 30


def test_every_visit_that_was_reported_saved_outlives_sigkill_with_its_outbox_entries(tmp_path: Path) -> None:
    path = tmp_path / "phone.db"
    store = signed_in_store(path, FakeClock())
    apply_page(store, "phone-1", answer_of(rows=[head_of(person())]))
    store.close()
    random, reported = Random(30), []
    for _ in range(KILLS):
        reported += _saved_before_kill(path, after_s=random.uniform(0.0, 0.04))

    store = open_store(path, now_ms=FakeClock())
    assert store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    made = store.db.execute(
        "SELECT about, COUNT(*) FROM outbox WHERE kind = 'create' GROUP BY about"
    ).fetchall()
    records = {row[0] for row in store.db.execute("SELECT record FROM records").fetchall()}
    assert reported
    assert set(reported) <= dict(made).keys() <= records
    assert {count for _, count in made} == {2}, "a visit and its need are saved together or not at all"
    numbers = [row[0] for row in store.db.execute("SELECT seq FROM outbox ORDER BY seq").fetchall()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert last_seq(store, "phone-1") == len(numbers)


def test_a_page_killed_while_it_is_taken_in_is_there_whole_with_its_cursor_or_not_at_all(
    tmp_path: Path,
) -> None:
    path = tmp_path / "phone.db"
    signed_in_store(path, FakeClock()).close()
    random = Random(31)
    for _ in range(KILLS // 2):
        reported = _told_before_kill(path, _take_in_for_ever, after_s=random.uniform(0.0, 0.04))
        store = open_store(path, now_ms=FakeClock())
        position = int(feed_state(store).cursor or 0)
        assert store.db["records"].count == position
        assert position >= int(reported[-1] if reported else 0)
        store.close()
    assert position > 0


def test_after_sigkill_every_photo_row_has_its_whole_file_and_only_orphans_are_swept(tmp_path: Path) -> None:
    path = tmp_path / "phone.db"
    store = signed_in_store(path, FakeClock())
    apply_page(store, "phone-1", answer_of(rows=[head_of(person())]))
    store.close()
    random, reported = Random(32), []
    for _ in range(KILLS // 2):
        reported += _told_before_kill(path, _photograph_for_ever, after_s=random.uniform(0.0, 0.3))

    store, folder = open_store(path, now_ms=FakeClock()), tmp_path / "photos"
    rows = dict(store.db.execute("SELECT sha256, size_bytes FROM photo_files").fetchall())
    whole = {name: (folder / name).read_bytes() for name in rows}
    assert {name: hashlib.sha256(content).hexdigest() for name, content in whole.items()} == {
        name: name for name in rows
    }
    assert {name: len(content) for name, content in whole.items()} == rows
    used = dict(store.db.execute("SELECT about, sha256 FROM photo_uses").fetchall())
    assert reported
    assert set(reported) <= used.keys()
    assert set(used.values()) <= rows.keys()
    here = asyncio.run(FolderBlobs(folder).listed())
    assert set(photo_files.unknown_files(store, here)) == set(here) - rows.keys()
    store.close()


def _saved_before_kill(path: Path, *, after_s: float) -> list[str]:
    return _told_before_kill(path, _save_for_ever, after_s=after_s)


def _told_before_kill(path: Path, work: Callable[[Path, int], None], *, after_s: float) -> list[str]:
    """What a process reported before it was killed. Forked, since Python takes a second to start."""
    mine, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work(path, theirs)
        finally:
            os._exit(1)
    os.close(theirs)
    with os.fdopen(mine, encoding="ascii") as told:
        assert told.readline() == "ready\n"
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
        lines = told.readlines()
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    return [line.strip() for line in lines if line.endswith("\n")]


def _save_for_ever(path: Path, pipe: int) -> None:
    store = open_store(path, now_ms=FakeClock())
    os.write(pipe, b"ready\n")
    while True:
        visit = record_visit(store, visit_to("person-1", needs=(NewNeed("LIVING", "1", "要修屋顶"),)))
        os.write(pipe, f"{visit}\n".encode())


def _take_in_for_ever(path: Path, pipe: int) -> None:
    store = open_store(path, now_ms=FakeClock())
    position = int(feed_state(store).cursor or 0)
    os.write(pipe, b"ready\n")
    while True:
        rows = [head_of(person(f"p{position + n}")) for n in range(20)]
        position += len(rows)
        apply_page(store, "phone-1", answer_of(rows=rows, cursor=str(position)))
        os.write(pipe, f"{position}\n".encode())


def _photograph_for_ever(path: Path, pipe: int) -> None:
    store, blobs = open_store(path, now_ms=FakeClock()), FolderBlobs(path.parent / "photos")
    os.write(pipe, b"ready\n")
    at = datetime.fromtimestamp(NOON / 1000, UTC)
    while True:
        content = os.urandom(100_000)
        file = KeptFile(hashlib.sha256(content).hexdigest(), len(content), "image/jpeg")
        asyncio.run(blobs.put(file.sha256, content))
        photo_files.note_file(store, file)
        visit = record_visit(store, visit_to("person-1", photos=(NewPhoto(file, "SCENE", at),)))
        os.write(pipe, f"{visit}\n".encode())
