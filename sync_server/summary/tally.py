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
    AWAY,
    CLASS_BITS,
    CONTACTED,
    DEAD,
    HOME_CONTACT,
    LAW_DELIVERED,
    Plan,
    VisitKind,
)


@dataclass(slots=True, eq=False)
class Share:
    """What was done for the people of one part of the table.

    Parts do not overlap: people of one county who also belong to one unit make a part of their own.
    So what is counted by visit, not by person, is added once here and joined to every row that holds
    the part.
    """

    tallies: tuple[Tally, ...]
    kinds: Counter[VisitKind] = field(default_factory=Counter)
    performers: set[str] = field(default_factory=set)
    cash_fen: int = 0
    goods_fen: int = 0
    goods_pieces: int = 0
    letters: int = 0
    booklets: int = 0
    needs_found: int = 0
    needs_closed: int = 0

    def add_visit(self, kind: VisitKind, performer: str, given: Sequence[int]) -> None:
        """`given`: cash and goods in 分, then pieces, letters and booklets."""
        self.kinds[kind] += 1
        self.performers.add(performer)
        if any(given):
            cash, goods, pieces, letters, booklets = given
            self.cash_fen += cash
            self.goods_fen += goods
            self.goods_pieces += pieces
            self.letters += letters
            self.booklets += booklets


@dataclass(slots=True, eq=False)
class Listing:
    """One listing of a person that counts: `bits` are the plan's marks, gathered as facts are read."""

    identity: str
    household: str
    bits: int
    share: Share


class Tally:
    """What one organisation has: its listings, and the shares that lie in it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.shares: list[Share] = []
        self.marks: dict[str, int] = {}
        self.households: dict[int, set[str]] = {CONTACTED: set(), HOME_CONTACT: set(), LAW_DELIVERED: set()}
        self._people: Counter[int] = Counter()
        self._counted: Counter[str] = Counter()

    def add(self, listing: Listing) -> None:
        """Add a person's listing; the marks of one identity join, whatever the number of listings."""
        bits = listing.bits
        self.marks[listing.identity] = self.marks.get(listing.identity, 0) | bits
        if bits & CONTACTED:
            for mark, households in self.households.items():
                if bits & mark:
                    households.add(listing.household)

    def figures(self) -> dict[str, Number]:
        """Column id -> figure in the column's unit; ask when everybody has been added."""
        self._people = Counter(self.marks.values())
        self._counted = Counter()
        for share in self.shares:
            for kind, times in share.kinds.items():
                for name in kind.counted:
                    self._counted[name] += times
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

    def counted(self, name: str) -> int:
        return self._counted[name]

    def total(self, amount: Callable[[Share], int]) -> int:
        return sum(amount(share) for share in self.shares)


class Lines:
    """A tally for each line of a table (`tallies`, by code), and the shares into which they fall."""

    def __init__(self, plan: Plan, here: Place, children: Sequence[Place]) -> None:
        self.here = here
        self.tallies = {place.code: Tally(plan) for place in (*children, here)}
        self.share_at = cache(self._share_at)  # thousands of people lie at one path
        self._shares: dict[frozenset[str], Share] = {}

    def _share_at(self, path: str, unit_path: str | None) -> Share:
        """The share of the people who lie at `path` and are employed at `unit_path`."""
        below = {self.here.child_of(path), self.here.child_of(unit_path)}
        codes = frozenset({self.here.code, *(code for code in below if code in self.tallies)})
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
    "households_home": lambda t, _: len(t.households[HOME_CONTACT]),
    "households_contacted": lambda t, _: len(t.households[CONTACTED]),
    "households_law": lambda t, _: len(t.households[LAW_DELIVERED]),
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
    "checks": lambda t, code: t.counted(f"check:{code}"),
    "persons_checked": lambda t, code: t.contacted(t.plan.check_bits[code]),
    "performers": lambda t, _: len(set().union(*(s.performers for s in t.shares))),
}
