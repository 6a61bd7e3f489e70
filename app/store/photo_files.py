"""Photos' files on this phone: which are here, how much of each the server has, and the proof of all of it.

The bytes lie beside the database under their SHA-256 (app.device.BlobFiles). A file is durable before
its row is written here, so a crash leaves at most a file without a row, which `unknown_files` names
for the sweep, and never a row without a file. What they are photos of is told by photos.py.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from app.store.retention import RETENTION_MS
from app.store.store import Store


@dataclass(frozen=True, slots=True)
class KeptFile:
    """Bytes that are durable on this phone. `sha256` in lower-case hex; sizes in bytes and pixels."""

    sha256: str
    size_bytes: int
    mime: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is to be sent: `sent_bytes` of it the server has at `path` (None: not begun there)."""

    sha256: str
    size_bytes: int
    mime: str
    sent_bytes: int
    path: str | None


@dataclass(frozen=True, slots=True)
class PhotoTotals:
    """Files that photo records name, those taken back left out: all, proven, refused, and what waits."""

    files: int
    proven: int
    refused: int
    waiting: int
    waiting_bytes: int


# A photo record that was taken back is not sent; where its undo was refused, it stands.
IS_VOIDED = """
    EXISTS (SELECT 1 FROM outbox AS v WHERE v.record = u.record AND v.kind = 'void' AND v.state <> 'refused')
"""

# The record has had its answer: accepted, or put aside, and then its bytes are kept for the reviewer (P11).
_IS_ANSWERED = """
    EXISTS (
        SELECT 1
        FROM outbox AS c
        WHERE c.record = u.record AND c.kind = 'create' AND c.state IN ('received', 'refused')
    )
"""
_IS_TO_BE_SENT = f"""
    f.proof IS NULL
    AND f.is_cleared = 0
    AND f.problem IS NULL
    AND EXISTS (
        SELECT 1 FROM photo_uses AS u WHERE u.sha256 = f.sha256 AND {_IS_ANSWERED} AND NOT {IS_VOIDED}
    )
"""
_IN_DRAFT = "EXISTS (SELECT 1 FROM drafts AS d, json_each(d.photos) AS named WHERE named.value = f.sha256)"

# What `due` and `purge` are about; ?1 is the server's time before which everything has to lie.
_MAY_GO = f"""
    f.is_cleared = 0
    AND f.is_doubted = 0
    AND NOT {_IN_DRAFT}
    AND EXISTS (SELECT 1 FROM photo_uses AS u WHERE u.sha256 = f.sha256)
    AND NOT EXISTS (
        SELECT 1
        FROM photo_uses AS u
        JOIN outbox AS o ON o.record = u.record OR o.record = u.about
        WHERE u.sha256 = f.sha256
          AND o.is_replaced = 0
          AND (o.state <> 'received' OR o.receipted_at IS NULL OR o.receipted_at > ?1)
    )
"""
_IS_PROVEN_LONG_AGO = "f.proof IS NOT NULL AND f.proven_at <= ?1"
_IS_UNUSED = f"NOT EXISTS (SELECT 1 FROM photo_uses AS u WHERE u.sha256 = f.sha256 AND NOT {IS_VOIDED})"


def note_file(store: Store, file: KeptFile) -> None:
    """The bytes of `file` are whole on the disk; to be called before anything names it. Safe to repeat.

    The same photo twice is one file. One that was cleared, or that the server did not take, is looked
    at anew: its bytes are here again. What proved it before it was cleared proves nothing now; the server
    is asked first, and sent the bytes only if it has them no more.
    """
    with store.transaction():
        store.db.execute(
            """
            INSERT INTO photo_files (sha256, size_bytes, mime, width, height, kept_at)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (sha256) DO UPDATE
            SET is_doubted = is_cleared OR is_doubted,
                proof = CASE WHEN is_cleared THEN NULL ELSE proof END,
                proven_at = CASE WHEN is_cleared THEN NULL ELSE proven_at END,
                sent_bytes = CASE WHEN is_cleared THEN 0 ELSE sent_bytes END,
                upload_path = CASE WHEN is_cleared THEN NULL ELSE upload_path END,
                is_cleared = 0,
                problem = NULL
            """,
            (file.sha256, file.size_bytes, file.mime, file.width, file.height, store.now_ms()),
        )
        store.touch({"photos"})


def next_upload(
    store: Store, *, put_off: Collection[str] = (), among: Collection[str] | None = None
) -> Upload | None:
    """The smallest file that is to be sent and whose record has had its answer; None when there is none.

    Those of the hashes `put_off` are passed over, and where `among` is given all but those.
    """
    row = store.db.execute(
        f"""
        SELECT f.sha256, f.size_bytes, f.mime, f.sent_bytes, f.upload_path
        FROM photo_files AS f
        WHERE {_IS_TO_BE_SENT}
          AND f.sha256 NOT IN (SELECT value FROM json_each(?1))
          AND (?2 IS NULL OR f.sha256 IN (SELECT value FROM json_each(?2)))
        ORDER BY f.size_bytes, f.kept_at
        LIMIT 1
        """,
        (json.dumps(list(put_off)), _json_or_null(among)),
    ).fetchone()
    return None if row is None else Upload(*row)


def not_begun(store: Store, *, limit: int, among: Collection[str] | None = None) -> list[str]:
    """Hashes of files that are to be sent and of which no upload is known, the smallest first.

    Where `among` is given, of those alone.
    """
    return [
        sha256
        for (sha256,) in store.db.execute(
            f"""
            SELECT f.sha256
            FROM photo_files AS f
            WHERE {_IS_TO_BE_SENT}
              AND f.upload_path IS NULL
              AND (?2 IS NULL OR f.sha256 IN (SELECT value FROM json_each(?2)))
            ORDER BY f.size_bytes, f.kept_at
            LIMIT ?1
            """,
            (limit, _json_or_null(among)),
        )
    ]


def waiting(store: Store) -> set[str]:
    """Hashes of the files that records name and that are to be sent, now or after their record's answer."""
    rows = store.db.execute(
        f"""
        SELECT f.sha256
        FROM photo_files AS f
        WHERE f.proof IS NULL
          AND f.is_cleared = 0
          AND f.problem IS NULL
          AND EXISTS (SELECT 1 FROM photo_uses AS u WHERE u.sha256 = f.sha256 AND NOT {IS_VOIDED})
        """
    )
    return {sha256 for (sha256,) in rows}


def photo_totals(store: Store) -> PhotoTotals:
    """How the photos made on this phone stand, each file once."""
    row = store.db.execute(
        f"""
        SELECT
            COUNT(*),
            SUM(f.proof IS NOT NULL),
            SUM(f.proof IS NULL AND f.problem IS NOT NULL),
            SUM(f.proof IS NULL AND f.problem IS NULL),
            SUM(CASE WHEN f.proof IS NULL AND f.problem IS NULL THEN f.size_bytes - f.sent_bytes END)
        FROM photo_files AS f
        WHERE EXISTS (SELECT 1 FROM photo_uses AS u WHERE u.sha256 = f.sha256 AND NOT {IS_VOIDED})
        """
    ).fetchone()
    return PhotoTotals(*(value or 0 for value in row))


def advance(store: Store, sha256: str, *, sent_bytes: int, path: str | None) -> None:
    """The server has `sent_bytes` of the file, in the upload at `path`; in one transaction."""
    with store.transaction():
        store.db.execute(
            "UPDATE photo_files SET sent_bytes = ?, upload_path = ? WHERE sha256 = ?",
            (sent_bytes, path, sha256),
        )
        store.touch({"photos"})


def mark_proven(store: Store, sha256: str, receipt: str, *, server_ms: int) -> None:
    """The server has all of it and has hashed what it holds; in one transaction, safe to repeat.

    `server_ms` is when the phone came to know. The retention days are counted from the first time, unless
    the server has lost it in between (`mark_lost`): then it has to hold for as long again.
    """
    with store.transaction():
        store.db.execute(
            """
            UPDATE photo_files
            SET proof = ?, proven_at = COALESCE(proven_at, ?), is_doubted = 0,
                sent_bytes = size_bytes, upload_path = NULL, problem = NULL
            WHERE sha256 = ?
            """,
            (receipt, server_ms, sha256),
        )
        store.touch({"photos"})


def mark_refused(store: Store, sha256: str, sentence: str) -> None:
    """The server does not take these bytes and says why; they stay here. In one transaction."""
    with store.transaction():
        store.db.execute(
            "UPDATE photo_files SET problem = ?, sent_bytes = 0, upload_path = NULL WHERE sha256 = ?",
            (sentence, sha256),
        )
        store.touch({"photos"})


def send_again(store: Store, sha256: str) -> None:
    """The worker asks for this one to be sent anew, whatever was said of it; in one transaction."""
    with store.transaction():
        store.db.execute(
            "UPDATE photo_files SET problem = NULL WHERE sha256 = ? AND proof IS NULL", (sha256,)
        )
        store.touch({"photos"})


def doubt_proofs(store: Store) -> None:
    """The server was restored from a backup and may have lost photos; inside the caller's transaction."""
    store.db.execute("UPDATE photo_files SET is_doubted = 1 WHERE proof IS NOT NULL AND is_cleared = 0")


def doubted(store: Store, *, limit: int) -> list[str]:
    """Hashes of files of which the server is to be asked whether it still has them."""
    return [
        sha256
        for (sha256,) in store.db.execute(
            "SELECT sha256 FROM photo_files WHERE is_doubted = 1 ORDER BY sha256 LIMIT ?", (limit,)
        )
    ]


def held(store: Store, *, after: str, limit: int) -> list[str]:
    """Hashes of proven files that are still on this phone, those after the hash `after`, in their order."""
    return [
        sha256
        for (sha256,) in store.db.execute(
            """
            SELECT sha256
            FROM photo_files
            WHERE proof IS NOT NULL AND is_cleared = 0 AND sha256 > ?
            ORDER BY sha256
            LIMIT ?
            """,
            (after, limit),
        )
    ]


def mark_lost(store: Store, hashes: Iterable[str]) -> None:
    """The server has these no more: they wait to be sent from their first byte, in one transaction."""
    with store.transaction():
        store.db.conn.executemany(
            """
            UPDATE photo_files
            SET proof = NULL, proven_at = NULL, is_doubted = 0, sent_bytes = 0, upload_path = NULL
            WHERE sha256 = ?
            """,
            [(sha256,) for sha256 in hashes],
        )
        store.touch({"photos"})


def due(store: Store, *, server_ms: int, limit: int) -> list[str]:
    """Hashes of proven files that may leave this phone, if the server proves them anew (`purge`)."""
    return [
        sha256
        for (sha256,) in store.db.execute(
            f"""
            SELECT f.sha256
            FROM photo_files AS f
            WHERE {_MAY_GO} AND {_IS_PROVEN_LONG_AGO} AND NOT {_IS_UNUSED}
            ORDER BY f.sha256
            LIMIT ?2
            """,
            (server_ms - RETENTION_MS, limit),
        )
    ]


def purge(store: Store, *, server_ms: int, proved: Collection[str]) -> list[str]:
    """Note as cleared what may leave this phone, in one transaction; returns the hashes to be deleted.

    Proven, and every record that uses it accepted, each longer ago than the retention days in the
    server's time (P10); of these only `proved`, which the server has proven anew just now: a proof that
    is days old may be of bytes that a disk has lost since. And what nothing uses any more: taken back
    everywhere, the undo accepted. Should the phone die before the file is deleted, `unknown_files`
    names it at the next start.
    """
    with store.transaction():
        cleared = [
            sha256
            for (sha256,) in store.db.execute(
                f"""
                UPDATE photo_files AS f
                SET is_cleared = 1
                WHERE {_MAY_GO}
                  AND (
                    ({_IS_PROVEN_LONG_AGO} AND f.sha256 IN (SELECT value FROM json_each(?2)))
                    OR {_IS_UNUSED}
                  )
                RETURNING sha256
                """,
                (server_ms - RETENTION_MS, json.dumps(list(proved))),
            )
        ]
        if cleared:
            store.touch({"photos"})
    return cleared


def forget_unused(store: Store) -> None:
    """Drop the rows of files that no record and no draft names, in one transaction.

    For the start, when no form is open: a photo that was taken and not kept in a draft is nobody's.
    """
    is_unused = f"""
        NOT {_IN_DRAFT} AND NOT EXISTS (SELECT 1 FROM photo_uses AS u WHERE u.sha256 = f.sha256)
    """
    if not store.db.execute(f"SELECT 1 FROM photo_files AS f WHERE {is_unused} LIMIT 1").fetchone():
        return  # a write is a flush of the disk, and the first screen waits for it
    with store.transaction():
        store.db.execute(f"DELETE FROM photo_files AS f WHERE {is_unused}")


def unknown_files(store: Store, here: Iterable[str]) -> list[str]:
    """Those of the files `here` that no row claims: left by a crash, or cleared; to be deleted."""
    claimed = {
        sha256 for (sha256,) in store.db.execute("SELECT sha256 FROM photo_files WHERE is_cleared = 0")
    }
    return sorted(set(here) - claimed)


def _json_or_null(hashes: Collection[str] | None) -> str | None:
    return None if hashes is None else json.dumps(list(hashes))
