"""What a list of columns needs to know of a visit and of a person, resolved once for a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from app.domain.campaign import Campaign, Column, Group
from app.domain.groups import KEY_CATEGORIES, age_on
from app.domain.identity import PRIMARY_CLASSES
from app.domain.metrics import HOME, LAW_ITEM, metric_of
from app.domain.recount import PRIORITY_CARE

# Marks of a person, joined by "or" over his listings; the classes take the lowest bits in their order.
CLASS_BITS = {name: 1 << place for place, name in enumerate(PRIMARY_CLASSES)}
DEAD, AWAY, CONTACTED, HOME_CONTACT, LAW_DELIVERED = (1 << place for place in range(4, 9))
KEY, CONFIRMED, FILED, CARD_APPLIED, CARD_ISSUED, EXEMPLARY, AIDED = (1 << place for place in range(9, 16))
_FIRST_FREE = 16
_KEY_TAGS = frozenset(f"category:{code}" for code in KEY_CATEGORIES)


@dataclass(frozen=True, slots=True, eq=False)
class VisitKind:
    """What visits of one method, result and checklist count for; there is one of each, told apart by itself.

    `bits` are marks of the person visited; `counted` names the contacts they add to: "contacts",
    "method:CODE", "check:CODE".
    """

    bits: int
    counted: tuple[str, ...]


class Plan:
    """The columns of one table, resolved against the catalogue and the campaign; raises BadConfig."""

    def __init__(self, campaign: Campaign, columns: Sequence[Column]) -> None:
        self.campaign = campaign
        self.metrics = [(column, *metric_of(campaign, column)) for column in columns]
        self.contact = frozenset(r.code for r in campaign.results if r.contact)
        self.sent = frozenset(r.code for r in campaign.results if r.sent)
        self.death = frozenset(r.code for r in campaign.results if r.death)
        self.sends = frozenset(m.code for m in campaign.methods if m.sends)
        free = _FIRST_FREE
        self.group_bits = {g.code: 1 << place for place, g in enumerate(campaign.groups, start=free)}
        free += len(campaign.groups)
        # Only the items that some column asks for: every mark more splits people into more kinds.
        asked = sorted({code for _, metric, code in self.metrics if metric.name == "persons_checked"})
        self.check_bits = {code: 1 << place for place, code in enumerate(asked, start=free)}
        self.priority_bits = sum(self.group_bits[g.code] for g in campaign.groups if g.care == PRIORITY_CARE)
        self.need_bits = sum(self.group_bits[g.code] for g in campaign.groups if g.has_need)
        # Lists repeat the same few tags and days, so each is looked at once a table.
        self.bits_of_tags = cache(self._bits_of_tags)
        self.bits_of_age = cache(self._bits_of_age)
        self.kind_of = cache(self._kind_of)

    @cached_property
    def _tags_of_groups(self) -> list[tuple[int, frozenset[str], bool]]:
        return [(self.group_bits[g.code], _tags_of_group(g), g.away) for g in self.campaign.groups]

    def _bits_of_tags(self, tags: str, is_away: bool) -> int:
        """The marks that a listing's tags (facts.tags_of) give, and those of being away."""
        bits = AWAY if is_away else 0
        held = set(tags.split())
        bits |= KEY if not _KEY_TAGS.isdisjoint(held) else 0
        for bit, wanted, takes_away in self._tags_of_groups:
            if (takes_away and is_away) or not wanted.isdisjoint(held):
                bits |= bit
        return bits

    def _bits_of_age(self, born: str | None) -> int:
        age = age_on(born, self.campaign.reference_date)
        if age is None:
            return 0
        grown = [g for g in self.campaign.groups if g.min_age is not None and age >= g.min_age]
        return sum(self.group_bits[g.code] for g in grown)

    def _kind_of(self, method: str, result: str, checklist: str) -> VisitKind:
        """`checklist` as fact rows spell it."""
        bits = DEAD if result in self.death else 0
        if result not in self.contact:
            is_message = result in self.sent and method in self.sends
            return VisitKind(bits, (f"method:{method}",) if is_message else ())
        items = checklist.split()
        bits |= CONTACTED | sum(self.check_bits.get(item, 0) for item in items)
        bits |= HOME_CONTACT if method == HOME else 0
        bits |= LAW_DELIVERED if LAW_ITEM in items else 0
        return VisitKind(bits, ("contacts", f"method:{method}", *(f"check:{item}" for item in items)))


def _tags_of_group(group: Group) -> frozenset[str]:
    return frozenset(
        {
            *(f"category:{c}" for c in group.categories),
            *(f"living:{c}" for c in group.living),
            *(f"honour:{c}" for c in group.honours),
            *(f"merit:{c}" for c in group.merits),
            *(f"employment:{c}" for c in group.employment),
        }
    )
