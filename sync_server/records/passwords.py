"""Passwords: kept as argon2id with the library's parameters, and guessed only slowly."""

from __future__ import annotations

import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, select

from app.domain.errors import TooManyAttempts
from sync_server.db.engine import upsert
from sync_server.db.tables import sign_in_attempts

_FREE_FAILURES = 5  # a worker mistypes; after these each further wrong password doubles the wait
_LONGEST_WAIT_S = 60  # bounded: whoever knows the password is never locked out for good
_FORGET_AFTER_MS = 24 * 3600 * 1000


def is_long_enough(password: str) -> bool:
    """Whether it can be somebody's password."""
    return 6 <= len(password) <= 256


def hashed(password: str, hasher: PasswordHasher | None = None) -> str:
    """What is kept of `password`."""
    return (hasher or _hasher()).hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether `password` is what `password_hash` was made of; None is nobody's."""
    try:
        # A login that does not exist takes as long as one that does, so that time tells nothing.
        return _hasher().verify(password_hash or _nobodys_hash(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def count_attempt(connection: Connection, login: str, now_ms: int) -> None:
    """Note an attempt, or raise TooManyAttempts; one that has to wait does not lengthen the wait."""
    long_ago = sign_in_attempts.c.failed_at < now_ms - _FORGET_AFTER_MS
    connection.execute(delete(sign_in_attempts).where(long_ago))
    query = select(sign_in_attempts).where(sign_in_attempts.c.login == login).with_for_update()
    row = connection.execute(query).first()
    failures = row.failures if row is not None else 0
    if row is not None and failures >= _FREE_FAILURES:
        wait_s = min(2 ** min(failures - _FREE_FAILURES, 16), _LONGEST_WAIT_S)
        left_ms = min(row.failed_at + wait_s * 1000 - now_ms, wait_s * 1000)
        if left_ms > 0:
            left_s = -(-left_ms // 1000)
            raise TooManyAttempts(f"密码连续输错多次，请等 {left_s} 秒再试。", field="password")
    upsert(connection, sign_in_attempts, [{"login": login, "failures": failures + 1, "failed_at": now_ms}])


def forget_attempts(connection: Connection, login: str) -> None:
    """Let `login` sign in at once again."""
    connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.login == login))


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_hex(16))
