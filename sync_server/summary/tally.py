"""Adding people and visits up for one organisation, and reading the columns off the result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from app.domain.identity import ACTIVE_FAMILY, OTHER, PRIMARY_CLASSES, SURVIVOR, VETERAN
from app.domain.metrics import Number, percent, yuan
from sync_server.summary.places import Place
from sync_server.summary.plan import (
    AIDED,
    AWAY,
    CARD_APPLIED,
    CARD_ISSUED,
    CLASS_BITS,
    CONFIRMED,
    CONTACTED,
    DEAD,
    EXEMPLARY,
    FILED,
    HOME_CONTACT,
    KEY,
    LAW_DELIVERED,
    Plan,
    VisitKind,
)

UNPLACED = ""  # the line of the people who lie at the place itself, under none of its children
_HOUSEHOLDS = (CONTACTED, HOME_CONTACT, LAW_DELIVERED)  # the marks by which households are counted


@dataclass(slots=True, eq=False)
class Share:
    """What was done for the people of one part of the table, and those who are listed only there.

    Parts do not overlap: people of one county who also belong to one unit make a part of their own.
    So everything in a share is added once here and joined to every line that holds the part.
    """

    tallies: tuple[Tally, ...]
    people: Counter[int] = field(default_factory=Counter)  # marks -> how many listed once bear them
    households: dict[int, set[str]] = field(default_factory=lambda: {mark: set() for mark in _HOUSEHOLDS})
    kinds: Counter[VisitKind] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)  # what the kinds add to, summed once
    performers: set[str] = field(default_factory=set)
    cash_fen: int = 0
    goods_fen: int = 0
    goods_pieces: int = 0
    letters: int = 0
    booklets: int = 0
    needs_found: int = 0
    needs_closed: int = 0
    aid_fen: int = 0


@dataclass(slots=True, eq=False)
class Listings:
    """The listings that count, column by column: one index in every list is one listing of a person.

    `bits` are the plan's marks, gathered as facts are read. Columns, because 75,000 small objects
    cost Python's collector more time than counting them takes.
    """

    identities: list[str] = field(default_factory=list)
    households: list[str] = field(default_factory=list)
    bits: list[int] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)


class Tally:
    """What one organisation has: the shares that lie in it, and the people listed more than once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.shares: list[Share] = []
        self.joined: Counter[int] = Counter()  # marks -> people, joined over a person's listings
        self._people: Counter[int] = Counter()
        self._counted: Counter[str] = Counter()

    def figures(self) -> dict[str, Number]:
        """Column id -> figure in the column's unit; ask when everybody has been added."""
        self._people = Counter(self.joined)
        self._counted = Counter()
        for share in self.shares:
            self._people.update(share.people)
            self._counted.update(share.counted)
        return {column.id: FIGURES[metric.name](self, code) for column, metric, code in self.plan.metrics}

    def persons(self, is_meant: Callable[[int], bool]) -> int:
        return sum(number for marks, number in self._people.items() if is_meant(marks))

    def living(self, extra: int = 0) -> int:
        """The living who bear all marks of `extra`."""
        return self.persons(lambda m: m & (DEAD | extra) == extra)

    def contacted(self, extra: int = 0) -> int:
        """Those contacted, dead since or not, who bear all marks of `extra`."""
        wanted = CONTACTED | extra
        return self.persons(lambda m: m & wanted == wanted)

    def priority(self, extra: int = 0) -> int:
        """The living of any group that is visited first, who bear all marks of `extra`."""
        groups = self.plan.priority_bits
        return self.persons(lambda m: bool(m & groups) and m & (DEAD | extra) == extra)

    def bearing(self, marks: int) -> int:
        """Those who bear all of `marks`, dead or not."""
        return self.persons(lambda m: m & marks == marks)

    def to_confirm(self) -> int:
        """Those whom the annual confirmation concerns: the living, and whoever was confirmed."""
        return self.persons(lambda m: bool(m & KEY) and (not m & DEAD or bool(m & CONFIRMED)))

    def counted(self, name: str) -> int:
        return self._counted[name]

    def households(self, mark: int) -> int:
        """Distinct households of the people who bear `mark`."""
        return len(set().union(*(share.households[mark] for share in self.shares)))

    def total(self, amount: Callable[[Share], int]) -> int:
        return sum(amount(share) for share in self.shares)


class Lines:
    """A tally for each line of a table (`tallies`, by code), and the shares into which they fall.

    Most people are listed once, so they are counted in their share alone; only the few with several
    listings are joined line by line.
    """

    def __init__(self, plan: Plan, here: Place, children: Sequence[Place]) -> None:
        self.here = here
        codes = [place.code for place in (*children, here)]
        self.tallies = {code: Tally(plan) for code in (*codes, *([UNPLACED] if children else []))}
        self.share_at = cache(self._share_at)  # thousands of people lie at one path
        self.station_share = cache(self._station_share)
        self._shares: dict[frozenset[str], Share] = {}

    def add(self, listings: Listings) -> None:
        """Add everybody, with all their marks, when every visit has been read; to be called once."""
        first: dict[str, int] = {}
        several: dict[str, list[int]] = {}
        for index, identity in enumerate(listings.identities):
            other = first.setdefault(identity, index)
            if other != index:
                several.setdefault(identity, [other]).append(index)
        for identity, household, bits, share in zip(
            listings.identities, listings.households, listings.bits, listings.shares, strict=True
        ):
            if identity not in several:
                share.people[bits] += 1
            if bits & CONTACTED:
                for mark, households in share.households.items():
                    if bits & mark:
                        households.add(household)
        for share in self._shares.values():
            for kind, times in share.kinds.items():
                for name in kind.counted:
                    share.counted[name] += times
        for same in several.values():
            marks: dict[Tally, int] = {}
            for index in same:
                for tally in listings.shares[index].tallies:
                    marks[tally] = marks.get(tally, 0) | listings.bits[index]
            for tally, bits in marks.items():
                tally.joined[bits] += 1

    def _share_at(self, path: str, unit_path: str | None) -> Share:
        """The share of the people who lie at `path` and are employed at `unit_path`."""
        below = {self.here.child_of(path), self.here.child_of(unit_path)}
        children = {code for code in below if code in self.tallies}
        if not children and UNPLACED in self.tallies:
            children = {UNPLACED}
        return self._share_of(frozenset({self.here.code, *children}))

    def _station_share(self, path: str) -> Share:
        """The share of what counts at the station with this path; what is this place's own has no line."""
        child = self.here.child_of(path)
        return self._share_of(frozenset({self.here.code, *([child] if child in self.tallies else [])}))

    def _share_of(self, codes: frozenset[str]) -> Share:
        if codes not in self._shares:
            share = Share(tuple(self.tallies[code] for code in codes))
            self._shares[codes] = share
            for tally in share.tallies:
                tally.shares.append(share)
        return self._shares[codes]


Figure = Callable[[Tally, str], Number]


def _of_class(name: str) -> Figure:
    earlier = sum(CLASS_BITS[c] for c in PRIMARY_CLASSES[: PRIMARY_CLASSES.index(name)])
    bit = CLASS_BITS[name]
    return lambda t, _: t.persons(lambda m: m & (bit | earlier | DEAD) == bit)


def _counted(name: str) -> Figure:
    return lambda t, _: t.counted(name)


def _by(method: str) -> Figure:
    return lambda t, _: t.counted(f"method:{method}")


FIGURES: dict[str, Figure] = {
    "persons": lambda t, _: t.living(),
    "persons_veteran": _of_class(VETERAN),
    "persons_survivor": _of_class(SURVIVOR),
    "persons_active_family": _of_class(ACTIVE_FAMILY),
    "persons_other": _of_class(OTHER),
    "persons_contacted": lambda t, _: t.contacted(),
    "persons_waiting": lambda t, _: t.persons(lambda m: not m & (DEAD | CONTACTED)),
    "persons_away_contacted": lambda t, _: t.contacted(AWAY),
    "coverage": lambda t, _: percent(t.contacted(), t.living()),
    "contacts": lambda t, _: t.counted("contacts"),
    "contacts_by": lambda t, code: t.counted(f"method:{code}"),
    "contacts_home": _by("HOME"),
    "contacts_talk": _by("TALK"),
    "contacts_phone": _by("PHONE"),
    "contacts_video": _by("VIDEO"),
    "contacts_wechat": _by("WECHAT"),
    "contacts_sms": _by("SMS"),
    "households_home": lambda t, _: t.households(HOME_CONTACT),
    "households_contacted": lambda t, _: t.households(CONTACTED),
    "households_law": lambda t, _: t.households(LAW_DELIVERED),
    "group_due": lambda t, code: t.living(t.plan.group_bits[code]),
    "group_visited": lambda t, code: t.living(t.plan.group_bits[code] | CONTACTED),
    "priority_due": lambda t, _: t.priority(),
    "priority_visited": lambda t, _: t.priority(CONTACTED),
    "cash": lambda t, _: yuan(t.total(lambda s: s.cash_fen)),
    "goods_pieces": lambda t, _: t.total(lambda s: s.goods_pieces),
    "goods_value": lambda t, _: yuan(t.total(lambda s: s.goods_fen)),
    "letters": lambda t, _: t.total(lambda s: s.letters),
    "booklets": lambda t, _: t.total(lambda s: s.booklets),
    "needs_found": lambda t, _: t.total(lambda s: s.needs_found),
    "needs_closed": lambda t, _: t.total(lambda s: s.needs_closed),
    "needs_open": lambda t, _: t.total(lambda s: s.needs_found - s.needs_closed),
    "persons_aided": lambda t, _: t.bearing(AIDED),
    "aid_money": lambda t, _: yuan(t.total(lambda s: s.aid_fen)),
    "symposia": _counted("symposia"),
    "symposia_attendance": _counted("symposia_attendance"),
    "deeds_talks": _counted("deeds_talks"),
    "deeds_talks_attendance": _counted("deeds_talks_attendance"),
    "opinions": lambda t, _: t.counted("opinions_work") + t.counted("opinions_worker"),
    "opinions_work": _counted("opinions_work"),
    "opinions_worker": _counted("opinions_worker"),
    "confirm_due": lambda t, _: t.to_confirm(),
    "confirm_done": lambda t, _: t.bearing(KEY | CONFIRMED),
    "persons_filed": lambda t, _: t.bearing(FILED),
    "cards_applied": lambda t, _: t.bearing(CARD_APPLIED),
    "cards_issued": lambda t, _: t.bearing(CARD_ISSUED),
    "persons_exemplary": lambda t, _: t.bearing(EXEMPLARY),
    "pictures": _counted("pictures"),
    "videos": _counted("videos"),
    "checks": lambda t, code: t.counted(f"check:{code}"),
    "persons_checked": lambda t, code: t.contacted(t.plan.check_bits[code]),
    "performers": lambda t, _: len(set().union(*(s.performers for s in t.shares))),
}
