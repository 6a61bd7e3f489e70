"""What a worker set on this phone: text size, theme, language, last choices. Nothing about persons.

Each worker of a shared phone has his own; what was set while nobody was signed in holds for whoever
set nothing.
"""

from __future__ import annotations

import json
from typing import Any

from app.store.account import CURRENT, NOBODY
from app.store.store import Store

_NEVER_SET = object()


def pref(store: Store, name: str, default: Any) -> Any:
    """The kept value of `name`, a JSON value, or `default` when never set."""
    row = store.db.execute(
        f"""
        SELECT value
        FROM prefs
        WHERE name = ? AND account IN ({CURRENT}, {NOBODY})
        ORDER BY account DESC
        LIMIT 1
        """,
        (name,),
    ).fetchone()
    return default if row is None else json.loads(row[0])


def set_pref(store: Store, name: str, value: Any) -> None:
    """Keep a JSON value under `name`, in one transaction; the last one counts.

    Setting what is set already writes nothing: the last method is set with every save, and a write
    is a flush of the disk.
    """
    if pref(store, name, _NEVER_SET) == value:
        return
    with store.transaction():
        store.db.execute(
            f"""
            INSERT INTO prefs (account, name, value)
            VALUES ({CURRENT}, ?, ?)
            ON CONFLICT (account, name) DO UPDATE SET value = excluded.value
            """,
            (name, json.dumps(value, ensure_ascii=False)),
        )
        store.touch({"prefs"})
