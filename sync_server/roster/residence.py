"""Whether a row says that its person lives away, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.domain.names import fold_width, strip_blanks
from sync_server.roster.values import (
    Says,
    folded,
    is_home_word,
    read_yes_no,
    says_nothing,
    text_of,
    what_it_says,
)
from sync_server.roster.workbook import Value

# 不常在家, 时在时不在: what denies, and what happens at times, is neither home nor away.
_UNDECIDED = re.compile(
    r"偶尔|两地|两边|来回|往返|季节|农闲|短期|临时|流动|半年|待[查核定补]|[?？○〇◯⭕]|[不没未]|时[而在有常]|有时|很少|少在"
)
_NOT_HOME = re.compile(
    r"(?:人|常年|长期|一直|已)*[不没未](?:在|住在?)(?:家|家里|村|村里|本村|本地|户籍地)(?:居住|住)?"
)
_PARTS = re.compile(r"[、,;/]|或者?|和|及")


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`away` None: not said, or said in words that leave it open (`unclear`), to be asked about."""

    away: bool | None = None
    place: str = ""
    unclear: str = ""


HOME = Whereabouts(away=False)
HOME_BY_BLANK = Whereabouts(away=False)  # told apart by identity: an empty cell says it


def by_flag(value: Value) -> Whereabouts:
    """Under 是否在外: 是 or √ is away, 否 or blank at home, other words are the place."""
    if is_home_word(value):
        return HOME
    if _NOT_HOME.fullmatch(folded(value)):
        return Whereabouts(True)
    yes, words = read_yes_no(value)
    if yes is False:
        return HOME
    return _unless_undecided(words, Whereabouts(True, words))


def by_home_flag(value: Value) -> Whereabouts:
    """Under 是否在家: the other way round; blank says nothing."""
    if value is None:
        return Whereabouts()
    yes, words = read_yes_no(value)
    return HOME if yes or is_home_word(value) else _unless_undecided(words, Whereabouts(True, words))


def by_residence(value: Value, is_here: Callable[[str], bool], *, blank: Whereabouts) -> Whereabouts:
    """Under 现居住地: anything but 本村, 在家, the person's own village or registered address is away.

    `blank` is what an empty cell says.
    """
    if what_it_says(value) is Says.UNKNOWN:
        return Whereabouts(unclear=text_of(value))
    if says_nothing(value):
        return blank
    if is_home_word(value):
        return HOME
    yes, words = read_yes_no(value)
    if yes is not None:
        return _unless_undecided(words, Whereabouts(yes, words))
    place = text_of(value)
    if _NOT_HOME.fullmatch(folded(value)):
        return Whereabouts(True)
    if is_here(place):
        return HOME
    parts = [p for p in _PARTS.split(folded(value)) if p]
    if any(is_home_word(p) or is_here(p) for p in parts):
        return Whereabouts(unclear=place)  # 本村、杭州: both, or now the one and now the other
    return _unless_undecided(place, Whereabouts(True, place))


def together(statements: Iterable[Whereabouts]) -> Whereabouts:
    """Several columns as one statement: open if one is, away if any says so, else at home if any does."""
    statements = list(statements)
    if unclear := next((s for s in statements if s.unclear), None):
        return unclear
    said = [s for s in statements if s.away is not None]
    away = [s for s in said if s.away]
    if away:
        return next((s for s in away if s.place), away[0])
    return next((s for s in said if s is not HOME_BY_BLANK), said[0]) if said else Whereabouts()


def _unless_undecided(words: str, said: Whereabouts) -> Whereabouts:
    is_open = what_it_says(words) is Says.UNKNOWN or _UNDECIDED.search(fold_width(strip_blanks(words)))
    return Whereabouts(unclear=words) if is_open else said
