"""Adding people up for one organisation, each person once, and reading the columns off the result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cached_property

from app.domain.identity import ACTIVE_FAMILY, OTHER, PRIMARY_CLASSES, SURVIVOR, VETERAN
from app.domain.metrics import LAW_ITEM, Number, percent, yuan
from sync_server.summary.people import CountedPerson
from sync_server.summary.plan import AWAY, CLASS_BITS, CONTACTED, DEAD, Plan


class Tally:
    """What one organisation has so far. `add` a listing once; marks of one identity join."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.marks: dict[str, int] = {}
        self.sums = [0] * len(plan.sum_names)
        self.households: dict[str, set[str]] = {"home": set(), "contacted": set(), "law": set()}
        self.performers: set[str] = set()
        self.needs_found = 0
        self.needs_closed = 0
        self._home = plan.sum_names.index("method:HOME") if "HOME" in plan.methods else None
        self._law = plan.sum_names.index(f"check:{LAW_ITEM}") if LAW_ITEM in plan.checks else None

    def add(self, person: CountedPerson) -> None:
        self.marks[person.identity] = self.marks.get(person.identity, 0) | person.bits
        done = person.done
        if done is None:
            return
        self.sums = [a + b for a, b in zip(self.sums, done.sums, strict=True)]
        self.performers |= done.performers
        self.needs_found += done.found
        self.needs_closed += done.closed
        if done.sums[0]:
            self.households["contacted"].add(person.household)
            if self._home is not None and done.sums[self._home]:
                self.households["home"].add(person.household)
            if self._law is not None and done.sums[self._law]:
                self.households["law"].add(person.household)

    @cached_property
    def people_by_marks(self) -> Counter[int]:
        """How many people bear exactly these marks; read it when all have been added."""
        return Counter(self.marks.values())

    def persons(self, is_meant: Callable[[int], bool]) -> int:
        return sum(number for marks, number in self.people_by_marks.items() if is_meant(marks))

    def living(self, *alternatives: int) -> int:
        """The living who bear all marks of any of the alternatives."""
        return self.persons(lambda m: not m & DEAD and any(m & a == a for a in alternatives))

    def total(self, name: str) -> int:
        return self.sums[self.plan.sum_names.index(name)]


def figures(plan: Plan, tally: Tally) -> dict[str, Number]:
    """Column id -> figure in the column's unit."""
    return {column.id: _FIGURES[metric.name](tally, code) for column, metric, code in plan.metrics}


def _of_class(name: str) -> Callable[[Tally, str], int]:
    earlier = sum(CLASS_BITS[c] for c in PRIMARY_CLASSES[: PRIMARY_CLASSES.index(name)])
    bit = CLASS_BITS[name]
    return lambda t, _: t.persons(lambda m: bool(m & bit) and not m & (earlier | DEAD))


def _by(method: str) -> Callable[[Tally, str], int]:
    return lambda t, _: t.total(f"method:{method}") if method in t.plan.methods else 0


def _priority(tally: Tally, extra: int) -> int:
    groups = tally.plan.priority_bits
    return tally.persons(lambda m: bool(m & groups) and not m & DEAD and m & extra == extra)


def _contacted(tally: Tally, extra: int = 0) -> int:
    wanted = CONTACTED | extra
    return tally.persons(lambda m: m & wanted == wanted)


_FIGURES: dict[str, Callable[[Tally, str], Number]] = {
    "persons": lambda t, _: t.living(0),
    "persons_veteran": _of_class(VETERAN),
    "persons_survivor": _of_class(SURVIVOR),
    "persons_active_family": _of_class(ACTIVE_FAMILY),
    "persons_other": _of_class(OTHER),
    "persons_contacted": lambda t, _: _contacted(t),
    "persons_waiting": lambda t, _: t.persons(lambda m: not m & (DEAD | CONTACTED)),
    "persons_away_contacted": lambda t, _: _contacted(t, AWAY),
    "coverage": lambda t, _: percent(_contacted(t), t.living(0)),
    "contacts": lambda t, _: t.total("contacts"),
    "contacts_by": lambda t, code: t.total(f"method:{code}"),
    "contacts_home": _by("HOME"),
    "contacts_talk": _by("TALK"),
    "contacts_phone": _by("PHONE"),
    "contacts_video": _by("VIDEO"),
    "contacts_wechat": _by("WECHAT"),
    "contacts_sms": _by("SMS"),
    "households_home": lambda t, _: len(t.households["home"]),
    "households_contacted": lambda t, _: len(t.households["contacted"]),
    "households_law": lambda t, _: len(t.households["law"]),
    "group_due": lambda t, code: t.living(t.plan.group_bits[code]),
    "group_visited": lambda t, code: t.living(t.plan.group_bits[code] | CONTACTED),
    "priority_due": lambda t, _: _priority(t, 0),
    "priority_visited": lambda t, _: _priority(t, CONTACTED),
    "cash": lambda t, _: yuan(t.total("cash_fen")),
    "goods_pieces": lambda t, _: t.total("goods_pieces"),
    "goods_value": lambda t, _: yuan(t.total("goods_fen")),
    "letters": lambda t, _: t.total("letters"),
    "booklets": lambda t, _: t.total("booklets"),
    "needs_found": lambda t, _: t.needs_found,
    "needs_closed": lambda t, _: t.needs_closed,
    "needs_open": lambda t, _: t.needs_found - t.needs_closed,
    "checks": lambda t, code: t.total(f"check:{code}"),
    "persons_checked": lambda t, code: _contacted(t, t.plan.check_bits[code]),
    "performers": lambda t, _: len(t.performers),
}
