"""Photos in the phone's store: saved with the visit, one file for equal bytes, cleared only when proven."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.device.blobs import FolderBlobs
from app.domain.errors import BadInput, UnknownRecord
from app.domain.facts import Activity
from app.domain.wire import Receipt
from app.store import drafts, photo_files, photos
from app.store.inbox import apply_page
from app.store.outbox import RecordState, next_batch
from app.store.photo_files import KeptFile, PhotoTotals, Upload
from app.store.photos import NewPhoto, PhotoState
from app.store.retention import RETENTION_MS
from app.store.store import Store
from app.store.visits import deliveries_of, record_visit, undo_visit
from tests.fakes import NOON, FakeClock, answer_of, head_of, visit_to

LARGE, SMALL = b"a large photo" * 40, b"a small photo"


def kept(store: Store, content: bytes = SMALL) -> KeptFile:
    file = KeptFile(hashlib.sha256(content).hexdigest(), len(content), "image/jpeg", 1200, 1600)
    photo_files.note_file(store, file)
    return file


def new_photo(file: KeptFile, *, kind: str = "SCENE", **more: str) -> NewPhoto:
    return NewPhoto(file, kind, datetime.fromtimestamp(NOON / 1000, UTC), **more)


def answer_all(store: Store, *, time: int = NOON, status: str = "accepted") -> None:
    """The server answers everything that waits."""
    waiting = next_batch(store, "phone-1").changes
    receipts = [
        Receipt(seq=change.seq, status=status, version=1, code=None if status == "accepted" else "scope",
                message=None if status == "accepted" else "不归本村。")
        for change in waiting
    ]  # fmt: skip
    apply_page(store, "phone-1", answer_of(receipts=receipts, time=time, have=waiting[-1].seq))


def cleared(store: Store, server_ms: int) -> list[str]:
    """What is cleared at `server_ms` where the server proves anew whatever it is asked for."""
    proved = photo_files.due(store, server_ms=server_ms, limit=10)
    return photo_files.purge(store, server_ms=server_ms, proved=proved)


def test_a_visit_and_its_photos_are_saved_with_one_press(store: Store) -> None:
    file = kept(store)
    visit = record_visit(store, visit_to("person-1", photos=(new_photo(file),)))
    (view,) = photos.photos_about(store, visit)
    assert view.photo.fields_of() == {
        "campaign": "lishui-2022",
        "organisation": "331121209200",
        "performer": "worker-1",
        "visit": visit,
        "person": "person-1",
        "kind": "SCENE",
        "sha256": file.sha256,
        "size_bytes": len(SMALL),
        "mime": "image/jpeg",
        "width": 1200,
        "height": 1600,
        "taken_at": "2022-07-28T04:00:00Z",
    }
    assert (view.state, view.sent_bytes, view.problem, view.is_here) == (PhotoState.KEPT, 0, "", True)
    entities = [change.entity for change in next_batch(store, "phone-1").changes]
    assert entities == ["visit", "photo"]


def test_a_photo_waits_for_the_answer_to_its_record_and_the_smallest_goes_first(store: Store) -> None:
    large, small = kept(store, LARGE), kept(store, SMALL)
    record_visit(store, visit_to("person-1", photos=(new_photo(large), new_photo(small))))
    assert photo_files.next_upload(store) is None
    answer_all(store)
    assert photo_files.next_upload(store) == Upload(small.sha256, len(SMALL), "image/jpeg", 0, None)
    photo_files.mark_proven(store, small.sha256, "receipt", server_ms=NOON)
    photo_files.advance(store, large.sha256, sent_bytes=100, path="/v1/photos/7")
    assert photo_files.next_upload(store) == Upload(
        large.sha256, len(LARGE), "image/jpeg", 100, "/v1/photos/7"
    )
    assert photo_files.photo_totals(store) == PhotoTotals(
        files=2, proven=1, refused=0, waiting=1, waiting_bytes=len(LARGE) - 100
    )


def test_the_bytes_of_a_record_that_was_put_aside_are_sent_for_its_reviewer(store: Store) -> None:
    file = kept(store)
    record_visit(store, visit_to("person-1", photos=(new_photo(file),)))
    answer_all(store, status="quarantined")
    upload = photo_files.next_upload(store)
    assert upload is not None and upload.sha256 == file.sha256


def test_the_same_photo_twice_is_one_file_and_one_upload(store: Store) -> None:
    file = kept(store)
    visits = [record_visit(store, visit_to("person-1", photos=(new_photo(kept(store)),))) for _ in range(2)]
    assert photo_files.photo_totals(store).files == 1
    assert photos.photo_counts(store, visits) == {visits[0]: (1, 0), visits[1]: (1, 0)}
    photo_files.mark_proven(store, file.sha256, "receipt", server_ms=NOON)
    assert photos.photo_counts(store, visits) == {visits[0]: (1, 1), visits[1]: (1, 1)}


def test_a_photo_without_its_bytes_here_is_not_saved_and_neither_is_the_visit(store: Store) -> None:
    missing = KeptFile("0" * 64, 5, "image/jpeg")
    with pytest.raises(UnknownRecord):
        record_visit(store, visit_to("person-1", photos=(new_photo(missing),)))
    assert next_batch(store, "phone-1").changes == ()


def test_a_photo_for_publicity_says_how_consent_was_given(store: Store) -> None:
    file = kept(store)
    with pytest.raises(BadInput) as refused:
        record_visit(store, visit_to("person-1", photos=(new_photo(file, kind="PUBLICITY"),)))
    assert refused.value.field == "consent"
    record_visit(
        store, visit_to("person-1", photos=(new_photo(file, kind="PUBLICITY", consent="本人口头同意"),))
    )


def test_a_photo_that_was_still_being_shrunk_is_added_to_the_saved_visit(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1"))
    photos.keep_photo(store, visit, new_photo(kept(store)))
    assert len(photos.photos_about(store, visit)) == 1
    assert deliveries_of(store, [visit])[visit].state is RecordState.SAVED


def test_a_photo_of_an_activity_names_it_and_no_person(store: Store) -> None:
    meeting = Activity(
        id="meeting-1",
        campaign="lishui-2022",
        organisation="331121209",
        performer="worker-1",
        kind="SYMPOSIUM",
        at=datetime.fromtimestamp(NOON / 1000, UTC),
    )
    apply_page(store, "phone-1", answer_of(rows=[head_of(meeting)]))
    file = kept(store)
    photos.keep_photo(store, "meeting-1", new_photo(file))
    (view,) = photos.photos_about(store, "meeting-1")
    said = (view.photo.activity, view.photo.visit, view.photo.person, view.photo.organisation)
    assert said == ("meeting-1", None, None, "331121209")


def test_a_photo_that_was_taken_back_is_neither_shown_nor_sent(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1", photos=(new_photo(kept(store)),)))
    (view,) = photos.photos_about(store, visit)
    photos.remove_photo(store, view.record)
    photos.remove_photo(store, view.record)
    answer_all(store)
    assert photos.photos_about(store, visit) == []
    assert photo_files.next_upload(store) is None
    assert photo_files.photo_totals(store) == PhotoTotals(0, 0, 0, 0, 0)


def test_an_undone_visit_takes_its_photos_with_it_and_each_is_taken_back_once(store: Store) -> None:
    two = (new_photo(kept(store)), new_photo(kept(store, LARGE)))
    visit = record_visit(store, visit_to("person-1", photos=two))
    first, second = photos.photos_about(store, visit)
    photos.remove_photo(store, second.record)
    undo_visit(store, visit)
    voids = [c.record for c in next_batch(store, "phone-1").changes if c.kind == "void"]
    assert voids == [second.record, visit, first.record]
    answer_all(store)
    assert photo_files.next_upload(store) is None
    with pytest.raises(BadInput):
        photos.keep_photo(store, visit, new_photo(kept(store, LARGE)))


def test_a_photo_is_cleared_only_when_proven_its_records_accepted_and_the_days_are_over(
    store: Store, clock: FakeClock
) -> None:
    file = kept(store)
    visit = record_visit(store, visit_to("person-1", photos=(new_photo(file),)))
    late = NOON + RETENTION_MS
    answer_all(store, time=NOON)
    assert cleared(store, late) == []  # not proven
    photo_files.mark_proven(store, file.sha256, "receipt", server_ms=NOON)
    assert cleared(store, late - 1) == []  # the days are not over
    second = record_visit(store, visit_to("person-1", photos=(new_photo(file),)))
    assert cleared(store, late) == []  # another record that uses it waits
    answer_all(store, time=NOON + 10)
    assert cleared(store, late) == []
    assert cleared(store, late + 10) == [file.sha256]
    assert cleared(store, late + 10) == []
    (view,) = photos.photos_about(store, visit)
    assert (view.state, view.is_here) == (PhotoState.PROVEN, False)
    assert photos.photo_counts(store, [visit, second]) == {visit: (1, 1), second: (1, 1)}


def test_a_photo_of_a_refused_visit_stays_on_the_phone(store: Store) -> None:
    file = kept(store)
    record_visit(store, visit_to("person-1", photos=(new_photo(file),)))
    answer_all(store, status="quarantined")
    photo_files.mark_proven(store, file.sha256, "receipt", server_ms=NOON)
    assert cleared(store, NOON + 2 * RETENTION_MS) == []


def test_a_server_restored_from_a_backup_is_asked_again_and_nothing_is_cleared_meanwhile(
    store: Store,
) -> None:
    lost, held = kept(store, SMALL), kept(store, LARGE)
    record_visit(store, visit_to("person-1", photos=(new_photo(lost), new_photo(held))))
    answer_all(store)
    for file in (lost, held):
        photo_files.mark_proven(store, file.sha256, "receipt", server_ms=NOON)
    apply_page(store, "phone-1", answer_of(epoch="e2", have=3))
    assert photo_files.doubted(store, limit=10) == sorted([lost.sha256, held.sha256])
    assert cleared(store, NOON + 2 * RETENTION_MS) == []
    photo_files.mark_lost(store, [lost.sha256])
    photo_files.mark_proven(store, held.sha256, "receipt anew", server_ms=NOON)
    assert photo_files.doubted(store, limit=10) == []
    upload = photo_files.next_upload(store)
    assert upload == Upload(lost.sha256, len(SMALL), "image/jpeg", 0, None)


def test_a_draft_keeps_its_photos_until_it_is_dropped(store: Store) -> None:
    file = kept(store)
    new = new_photo(file, kind="PUBLICITY", consent="本人口头同意")
    drafts.keep_draft(store, "person-1", {"photos": [photos.photo_to_json(new)]}, photos=[file.sha256])
    photo_files.forget_unused(store)
    assert photo_files.unknown_files(store, [file.sha256]) == []
    form = drafts.draft_of(store, "person-1")
    assert form is not None and photos.photo_from_json(form["photos"][0]) == new
    drafts.drop_draft(store, "person-1")
    photo_files.forget_unused(store)
    assert photo_files.unknown_files(store, [file.sha256]) == [file.sha256]


def test_a_kill_between_file_and_row_leaves_an_orphan_that_is_swept_never_a_row_without_a_file(
    store: Store, tmp_path: Path
) -> None:
    async def play() -> None:
        blobs = FolderBlobs(tmp_path / "photos")
        orphan, whole = hashlib.sha256(LARGE).hexdigest(), kept(store)
        await blobs.put(whole.sha256, SMALL)
        await blobs.put(orphan, LARGE)  # and the phone dies before its row is written
        (tmp_path / "photos" / f"{'0' * 64}.part").write_bytes(b"half a ph")
        record_visit(store, visit_to("person-1", photos=(new_photo(whole),)))
        photo_files.forget_unused(store)
        here = await blobs.listed()
        assert here == sorted([orphan, whole.sha256])
        assert photo_files.unknown_files(store, here) == [orphan]
        await blobs.delete(orphan)
        assert [path.name for path in (tmp_path / "photos").iterdir()] == [whole.sha256]
        assert await blobs.read(whole.sha256, 2, 5) == SMALL[2:7]

    asyncio.run(play())


def test_a_file_that_was_cleared_counts_again_once_its_bytes_are_kept_anew(store: Store) -> None:
    file = kept(store)
    record_visit(store, visit_to("person-1", photos=(new_photo(file),)))
    answer_all(store)
    photo_files.mark_proven(store, file.sha256, "receipt", server_ms=NOON)
    assert cleared(store, NOON + RETENTION_MS) == [file.sha256]
    assert photo_files.unknown_files(store, [file.sha256]) == [file.sha256]
    again = kept(store)
    assert photo_files.unknown_files(store, [again.sha256]) == []


def test_a_file_whose_bytes_came_back_is_not_called_proven_before_the_server_was_asked(store: Store) -> None:
    file = kept(store)
    visit = record_visit(store, visit_to("person-1", photos=(new_photo(file),)))
    answer_all(store)
    photo_files.mark_proven(store, file.sha256, "receipt", server_ms=NOON)
    cleared(store, NOON + RETENTION_MS)
    kept(store)
    (view,) = photos.photos_about(store, visit)
    assert (view.state, view.sent_bytes, view.is_here) == (PhotoState.KEPT, 0, True)
    assert photo_files.doubted(store, limit=10) == [file.sha256]
    photo_files.mark_lost(store, [file.sha256])
    assert photo_files.next_upload(store) == Upload(file.sha256, len(SMALL), "image/jpeg", 0, None)


def test_what_the_server_has_not_proven_anew_is_not_cleared(store: Store) -> None:
    files = [kept(store, SMALL), kept(store, LARGE)]
    record_visit(store, visit_to("person-1", photos=tuple(map(new_photo, files))))
    answer_all(store)
    for file in files:
        photo_files.mark_proven(store, file.sha256, "receipt", server_ms=NOON)
    late = NOON + RETENTION_MS
    assert photo_files.due(store, server_ms=late, limit=10) == sorted(file.sha256 for file in files)
    assert photo_files.purge(store, server_ms=late, proved=()) == []
    assert photo_files.purge(store, server_ms=late, proved=[files[0].sha256]) == [files[0].sha256]
    assert photo_files.held(store, after="", limit=10) == [files[1].sha256]


def test_what_the_server_does_not_take_is_said_and_sent_only_when_asked(store: Store) -> None:
    file = kept(store)
    visit = record_visit(store, visit_to("person-1", photos=(new_photo(file),)))
    answer_all(store)
    photo_files.mark_refused(store, file.sha256, "这不是照片。")
    (view,) = photos.photos_about(store, visit)
    assert (view.state, view.problem) == (PhotoState.REFUSED, "这不是照片。")
    assert photo_files.next_upload(store) is None
    assert photo_files.photo_totals(store) == PhotoTotals(
        files=1, proven=0, refused=1, waiting=0, waiting_bytes=0
    )
    photo_files.send_again(store, file.sha256)
    upload = photo_files.next_upload(store)
    assert upload is not None and replace(upload, sent_bytes=0).sha256 == file.sha256
