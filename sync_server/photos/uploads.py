"""Uploads in progress, as files: what tus calls an upload, from its creation to the last byte.

An upload is two files in its device's folder: `<id>.json` says what is coming, `<id>.part` is what has
come, so the offset is the length of a file and a server that was killed finds it again. Once the bytes have
been hashed as they lie there, `<id>.whole` says so; then the `.part` goes into the store, and the other two
stay until they expire, for a client that missed the answer. Without that mark a `.part` that is not there
means an upload that is gone, never one that has ended well: what lies in the store may be somebody else's.
While a chunk with a checksum is on its way, `<id>.from` says where it began: found by
the next one who takes the upload in hand, it means that the chunk was never checked, and it is taken back.

One request at a time has an upload in hand, held by a lock on its file that ends with the process; others
are told to come again. Bytes are on disk before an offset is told. Files here hold no name of anybody.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from app.domain.errors import StorageFull, UnknownUpload, UploadBusy, WrongOffset

LIFETIME_MS = 7 * 24 * 3600 * 1000  # after the last byte that came
UNFINISHED_MOST = 100  # of one device; phones have one or two in hand
RESERVE_BYTES = 64 * 2**20  # left free on the disk: the database has to commit as well
_ID = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
NO_SPACE = "服务器的磁盘满了，这张照片没有收下，手机里的还在。请联系管理员腾出空间，稍后会自动再传。"
_UNKNOWN = "没有这次传送，或已过期。请从头再传一次。"


@dataclass(frozen=True, slots=True)
class Upload:
    """What was announced: `size_bytes` bytes whose SHA-256 is `sha256`, by `device` for `organisation`."""

    id: str
    sha256: str
    size_bytes: int
    organisation: str
    county: str
    device: str


def demand_offset(said: int, offset: int) -> None:
    """Raises WrongOffset if a client goes on from anywhere but `offset`."""
    if said != offset:
        raise WrongOffset("续传的位置不对。请先问服务器收到了哪里，再接着传。", field="Upload-Offset")


class InHand:
    """An upload that this request alone has in hand, and the file that its bytes are appended to."""

    def __init__(self, upload: Upload, part: Path, descriptor: int) -> None:
        self.upload = upload
        self.part = part
        self._descriptor = descriptor
        self._mark = part.with_suffix(".from")
        self.offset = os.fstat(descriptor).st_size
        if (begun := _number_in(self._mark)) is not None:
            self.take_back_to(min(begun, self.offset))

    @property
    def is_complete(self) -> bool:
        return self.offset == self.upload.size_bytes

    def begin_checked(self) -> None:
        """From here on nothing counts until `flush`: a crash takes it back."""
        self._mark.write_text(str(self.offset))

    def append(self, piece: bytes) -> None:
        """Write `piece` at the end, whole or not at all. Raises StorageFull."""
        assert self.offset + len(piece) <= self.upload.size_bytes
        written = 0
        try:
            while written < len(piece):
                written += os.write(self._descriptor, piece[written:])
        except OSError as fault:
            self._cut(self.offset)
            raise _in_words(fault) from fault
        self.offset += len(piece)

    def take_back_to(self, offset: int) -> None:
        """Forget what was appended behind `offset`."""
        self._cut(offset)
        self.offset = offset
        self.flush(None)

    def flush(self, now_ms: int | None) -> None:
        """Everything appended is on disk, and counts; the upload lives on from `now_ms`, if one is given."""
        try:
            os.fsync(self._descriptor)
        except OSError as fault:
            raise _in_words(fault) from fault
        self._mark.unlink(missing_ok=True)
        if now_ms is not None:
            os.utime(self._descriptor, ns=(now_ms * 10**6, now_ms * 10**6))

    def _cut(self, offset: int) -> None:
        os.ftruncate(self._descriptor, offset)  # what comes next is appended there (O_APPEND)


class Uploads:
    """The uploads below one folder, which is made with it; each device has a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def create(
        self,
        sha256: str,
        size_bytes: int,
        *,
        organisation: str,
        county: str,
        device: str,
        now_ms: int,
        is_in_store: bool = False,
    ) -> Upload:
        """A fresh upload of no bytes yet, or of all if they are in the store. Raises StorageFull where it
        would not fit beside the reserve.

        A device that leaves UNFINISHED_MOST behind loses the one that has waited longest.
        """
        to_come = 0 if is_in_store else size_bytes
        if shutil.disk_usage(self._folder).free < to_come + RESERVE_BYTES:
            raise StorageFull(NO_SPACE)
        upload = Upload(secrets.token_urlsafe(24), sha256, size_bytes, organisation, county, device)
        with _disk_faults_in_words():
            self._of_device(device).mkdir(exist_ok=True)
            self._make_room(device)
            # What is coming first: a crash in between leaves an upload of which nothing has come.
            self._file(upload, ".json").write_text(json.dumps(asdict(upload)))
            rest = ".whole" if is_in_store else ".part"
            self._file(upload, rest).touch(exist_ok=False)
        for suffix in (".json", rest):
            os.utime(self._file(upload, suffix), ns=(now_ms * 10**6, now_ms * 10**6))
        return upload

    def of(self, upload_id: str, device: str) -> Upload:
        """The upload that `device` began; raises UnknownUpload for any other, as for one that is gone."""
        if _ID.fullmatch(upload_id):
            with suppress(OSError, ValueError, TypeError):
                return Upload(**json.loads((self._of_device(device) / f"{upload_id}.json").read_text()))
        raise UnknownUpload(_UNKNOWN)

    @contextmanager
    def in_hand(self, upload: Upload) -> Iterator[InHand | None]:
        """The upload for this request alone; None if the bytes that it brought have gone into the store.

        Raises UploadBusy while another request has it in hand, UnknownUpload if it is gone.
        """
        part = self._file(upload, ".part")
        try:
            descriptor = os.open(part, os.O_RDWR | os.O_APPEND)
        except FileNotFoundError:
            self._demand_whole(upload)
            yield None
            return
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as fault:
                raise UploadBusy("这张照片正在另一个连接里传。请稍等再问。") from fault
            if _is_still(part, descriptor):
                yield InHand(upload, part, descriptor)
            else:  # between opening and locking it has gone into the store, or altogether
                self._demand_whole(upload)
                yield None
        finally:
            os.close(descriptor)

    def keep_announcement(self, upload: Upload) -> None:
        """The announcement is on disk: a client that goes on after a power cut finds its upload."""
        with _disk_faults_in_words():
            _flush(self._file(upload, ".json"))
            _flush(self._of_device(upload.device))
            _flush(self._folder)

    def mark_whole(self, upload: Upload) -> None:
        """All its bytes are those announced; to be said before they go into the store.

        Not flushed: if a power cut takes the mark and not the move, the bytes come once more.
        """
        with _disk_faults_in_words():
            self._file(upload, ".whole").touch()

    def _demand_whole(self, upload: Upload) -> None:
        if not self._file(upload, ".whole").exists():
            raise UnknownUpload(_UNKNOWN)

    def drop(self, upload: Upload) -> None:
        """Nothing is left of the upload; repeating it changes nothing.

        The mark goes first: what a crash or another request finds in between is an upload that is gone.
        """
        for suffix in (".whole", ".json", ".part", ".from"):
            self._file(upload, suffix).unlink(missing_ok=True)

    def expires_at(self, upload: Upload) -> int:
        """When the upload ends if nothing more comes, Unix ms."""
        moments = [_touched_ms(self._file(upload, suffix)) for suffix in (".json", ".part", ".from")]
        return max(moments) + LIFETIME_MS

    def sweep(self, now_ms: int) -> int:
        """Drop what has expired and nobody has in hand, whole or as a crash left it; how many that were."""
        dropped = 0
        for folder in self._folder.iterdir():
            for upload_id in sorted({path.stem for path in folder.iterdir()}):
                upload = Upload(upload_id, "", 0, "", "", folder.name)
                if self.expires_at(upload) <= now_ms:
                    dropped += self._drop_unless_busy(upload)
            with suppress(OSError):
                folder.rmdir()  # unless there is something in it
        return dropped

    def _make_room(self, device: str) -> None:
        waiting = sorted(self._of_device(device).glob("*.part"), key=_touched_ms)
        too_many = len(waiting) + 1 - UNFINISHED_MOST
        for part in waiting:
            if too_many > 0:
                too_many -= self._drop_unless_busy(Upload(part.stem, "", 0, "", "", device))

    def _drop_unless_busy(self, upload: Upload) -> bool:
        """Whether it is gone now; also what a crash has left of one."""
        try:
            with self.in_hand(upload):
                self.drop(upload)
        except UploadBusy:
            return False
        except UnknownUpload:
            self.drop(upload)
        return True

    def _of_device(self, device: str) -> Path:
        return self._folder / device

    def _file(self, upload: Upload, suffix: str) -> Path:
        return self._of_device(upload.device) / f"{upload.id}{suffix}"


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _touched_ms(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns // 10**6
    except FileNotFoundError:
        return 0


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _number_in(path: Path) -> int | None:
    try:
        return int(path.read_text() or "0")
    except FileNotFoundError:
        return None


@contextmanager
def _disk_faults_in_words() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise _in_words(fault) from fault


def _in_words(fault: OSError) -> Exception:
    return StorageFull(NO_SPACE) if fault.errno in _FULL else fault
