"""The sentences of what is rare in a sync, and of what a worker does about it.

Part of `WORDS` (words.py), in the same shape.
"""

from __future__ import annotations

SYNC_WORDS: dict[str, tuple[str, str]] = {
    # two who were taken for one
    "field.distinct": ("不是同一人", "Not the same person"),
    # an older server
    "net.old.server": (
        "县里的系统还没升级，照常记。存着 {n} 条，升级后自动传",
        "The county's system is not updated yet. Keep recording; {n} saved here are sent then",
    ),
    "result.why.old_server": ("县里的系统还没升级，升级后自动传", "the county's system is not updated yet"),
}
