"""Of which level of the organisation tree a value's author is, where the server has said so.

Only the level is here, never a name or a station: it is all that a screen may say of somebody who works
on another phone. What one answer brought is one sealed row, for an account's id is kept sealed here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from app.domain.codes import OrgKind
from app.store.store import Store

_CALLED = {
    OrgKind.CITY: "市里",
    OrgKind.CITY_UNIT: "单位",
    OrgKind.PROV_UNIT: "单位",
    OrgKind.COUNTY: "县里",
    OrgKind.TOWNSHIP: "乡镇",
    OrgKind.VILLAGE: "村里",
}


def note_levels(store: Store, levels: Mapping[str, str]) -> None:
    """Keep the level (OrgKind) of each account of `levels`, inside the caller's transaction.

    What is known already is not written again; of an account that has moved the later one holds.
    """
    known = _known(store)
    news = {actor: level for actor, level in levels.items() if known.get(actor) != level}
    if news:
        store.memory.pop("levels", None)  # read anew, also where this transaction is taken back
        store.db.execute(
            "INSERT INTO author_levels (body) VALUES (?)", (store.codec.seal([json.dumps(news)])[0],)
        )


def level_of(store: Store, actor: str) -> str:
    """县里, 乡镇, 村里, 单位 or 市里; "" where nothing was said, or a level that is not known here."""
    level = _known(store).get(actor, "")
    return next((called for kind, called in _CALLED.items() if kind.value == level), "")


def _known(store: Store) -> dict[str, str]:
    if "levels" not in store.memory:
        rows = store.db.execute("SELECT body FROM author_levels ORDER BY id").fetchall()
        found: dict[str, str] = {}
        for text in store.codec.open([body for (body,) in rows]):
            found |= json.loads(text)
        store.memory["levels"] = found
    levels: dict[str, str] = store.memory["levels"]
    return levels
