"""Whether a row says that its person lives away, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sync_server.roster.values import is_home_word, read_yes_no, says_nothing, text_of
from sync_server.roster.workbook import Value


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`away` None: not said."""

    away: bool | None = None
    place: str = ""


HOME = Whereabouts(away=False)


def by_flag(value: Value) -> Whereabouts:
    """Under 是否在外: 是 or √ is away, 否 or blank at home, other words are the place."""
    if is_home_word(value):
        return HOME
    yes, words = read_yes_no(value)
    return Whereabouts(True, words) if yes is not False else HOME


def by_home_flag(value: Value) -> Whereabouts:
    """Under 是否在家: the other way round; blank says nothing."""
    if value is None:
        return Whereabouts()
    yes, words = read_yes_no(value)
    return HOME if yes or is_home_word(value) else Whereabouts(True, words)


def by_residence(value: Value, is_here: Callable[[str], bool], *, blank_is_home: bool) -> Whereabouts:
    """Under 现居住地: anything but 本村, 在家 or the person's own village is away."""
    if value is None or says_nothing(value):
        return HOME if blank_is_home else Whereabouts()
    if is_home_word(value):
        return HOME
    yes, words = read_yes_no(value)
    if yes is not None:
        return Whereabouts(yes, words)
    place = text_of(value)
    return HOME if is_here(place) else Whereabouts(True, place)


def together(statements: Iterable[Whereabouts]) -> Whereabouts:
    """Several columns as one statement: away if any says so, at home if any says that and none away."""
    said = [s for s in statements if s.away is not None]
    away = [s for s in said if s.away]
    if away:
        return next((s for s in away if s.place), away[0])
    return HOME if said else Whereabouts()
