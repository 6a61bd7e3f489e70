"""What has to be read so that a list of columns can be counted: the sums of SQL and the marks of a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, case, func

from app.domain.campaign import Campaign, Column, Group
from app.domain.groups import age_on
from app.domain.identity import PRIMARY_CLASSES
from app.domain.metrics import LAW_ITEM, metric_of
from app.domain.recount import PRIORITY_CARE
from sync_server.db.tables import visit_facts

# Marks of a person, joined by "or" over his listings; the classes take the lowest bits in their order.
CLASS_BITS = {name: 1 << place for place, name in enumerate(PRIMARY_CLASSES)}
DEAD, AWAY, CONTACTED = 1 << 4, 1 << 5, 1 << 6
_FIRST_GROUP = 7
AMOUNTS = ("cash_fen", "goods_fen", "goods_pieces", "letters", "booklets")


class Plan:
    """The columns of one table, resolved against the catalogue and the campaign; raises BadConfig."""

    def __init__(self, campaign: Campaign, columns: Sequence[Column]) -> None:
        self.campaign = campaign
        self.metrics = [(column, *metric_of(campaign, column)) for column in columns]
        self.contact = [r.code for r in campaign.results if r.contact]
        self.reached_or_sent = [r.code for r in campaign.results if r.contact or r.sent]
        self.death = [r.code for r in campaign.results if r.death]
        self.checks = sorted(
            {code for _, metric, code in self.metrics if metric.over == "check"}
            | {LAW_ITEM for _, metric, _ in self.metrics if metric.name == "households_law"}
        )
        self.methods = [m.code for m in campaign.methods]
        self.counts_performers = any(metric.name == "performers" for _, metric, _ in self.metrics)
        self.group_bits = {g.code: 1 << _FIRST_GROUP + i for i, g in enumerate(campaign.groups)}
        after = _FIRST_GROUP + len(campaign.groups)
        self.check_bits = {code: 1 << after + i for i, code in enumerate(self.checks)}
        self.priority_bits = sum(self.group_bits[g.code] for g in campaign.groups if g.care == PRIORITY_CARE)
        self.need_bits = sum(self.group_bits[g.code] for g in campaign.groups if g.has_need)
        self._tag_bits: dict[tuple[str, bool], int] = {}
        self._age_bits: dict[str | None, int] = {}

    @property
    def sum_names(self) -> tuple[str, ...]:
        """What `sums` holds, in its order."""
        methods = (f"method:{code}" for code in self.methods)
        return ("contacts", *methods, *(f"check:{code}" for code in self.checks), *AMOUNTS)

    def sums(self) -> list[ColumnElement[int]]:
        """SQL aggregates over one person's visits, named by `sum_names`."""
        v = visit_facts.c
        is_contact = v.result.in_(self.contact)
        found = [_times(is_contact)]
        for method in self.campaign.methods:
            results = self.reached_or_sent if method.sends else self.contact
            found.append(_times(and_(v.method == method.code, v.result.in_(results))))
        for code in self.checks:
            found.append(_times(and_(is_contact, v.checklist.contains(f" {code} ", autoescape=True))))
        found += [func.sum(v[name]) for name in AMOUNTS]
        return [total.label(name) for total, name in zip(found, self.sum_names, strict=True)]

    def bits_of_listing(self, tags: str, is_away: bool, born: str | None) -> int:
        """The marks that a listing gives by itself: the groups that it belongs to, and being away."""
        known = (tags, is_away)
        if known not in self._tag_bits:
            self._tag_bits[known] = self._bits_of_tags(set(tags.split()), is_away)
        if born not in self._age_bits:
            self._age_bits[born] = self._bits_of_age(born, self.campaign.reference_date)
        return self._tag_bits[known] | self._age_bits[born]

    def _bits_of_tags(self, tags: set[str], is_away: bool) -> int:
        bits = AWAY if is_away else 0
        for group in self.campaign.groups:
            if (group.away and is_away) or not tags.isdisjoint(_tags_of_group(group)):
                bits |= self.group_bits[group.code]
        return bits

    def _bits_of_age(self, born: str | None, on: date) -> int:
        age = age_on(born, on)
        if age is None:
            return 0
        grown = [g for g in self.campaign.groups if g.min_age is not None and age >= g.min_age]
        return sum(self.group_bits[g.code] for g in grown)


def _times(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _tags_of_group(group: Group) -> set[str]:
    """The spelling of facts.tags_of."""
    return {
        *(f"category:{c}" for c in group.categories),
        *(f"living:{c}" for c in group.living),
        *(f"honour:{c}" for c in group.honours),
        *(f"merit:{c}" for c in group.merits),
        *(f"employment:{c}" for c in group.employment),
    }
