"""The files that server and phone both need: the region's divisions and the campaigns' texts."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from app.domain.divisions import Divisions

REGION = "3311"
# In a checkout and in a wheel alike, `assets/` lies beside the packages.
ASSETS = Path(__file__).parent.parent / "assets"


@lru_cache(maxsize=1)
def divisions() -> Divisions:
    """The region's divisions; raises BadConfig if the table is damaged."""
    return Divisions.read((ASSETS / "divisions" / f"{REGION}.csv").read_text(encoding="utf-8"))


def campaign_texts() -> dict[str, str]:
    """The campaign files' texts by file name, in order of name.

    A byte that is no UTF-8 comes as a lone surrogate, by which `read_campaign` knows it: one file that
    an editor saved otherwise must not keep the others from being read.
    """
    files = sorted((ASSETS / "campaigns").glob("*.toml"))
    return {file.name: file.read_text(encoding="utf-8-sig", errors="surrogateescape") for file in files}
