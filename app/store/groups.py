"""Which of the campaign's groups a person is in, and the few tags that his row shows."""

from __future__ import annotations

from typing import Any

from app.domain.campaign import Campaign
from app.domain.codes import Employment, Honour, LivingTag, Merit
from app.domain.groups import belongs, is_away
from app.domain.models import Person
from app.store.heads import Values

Sets = dict[str, set[str]]

# In the order in which tags are worth the room.
_LIVING = {tag.value: tag.label for tag in LivingTag}
_HONOURS = {honour.value: honour.label for honour in Honour}
_MERITS = {merit.value: merit.label for merit in Merit}
_OUT_OF_WORK = {
    job.value: job.label for job in (Employment.UNEMPLOYED, Employment.LAID_OFF, Employment.SEEKING)
}
_SURVIVORS = frozenset({"MARTYR_SURVIVOR", "DUTY_DEATH_SURVIVOR", "ILLNESS_DEATH_SURVIVOR"})
_NOTHING: set[str] = set()


def sets_of(values: Values) -> Sets:
    """The set fields of a record, each with the elements that are there (`living/DIBAO`: true ...)."""
    sets: Sets = {}
    for name, value in values.items():
        field, slash, element = name.partition("/")
        if slash and value not in (None, False):
            sets.setdefault(field, set()).add(element)
    return sets


class GroupRules:
    """The campaign's groups by the rule that the summary table counts by (app.domain.groups).

    People are alike: what was found for one holds for all of the same age, categories and so on.
    Without that, the rules alone took as long for 15,000 people as everything else.
    """

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._known: dict[tuple[object, ...], frozenset[str]] = {}

    def groups_of(self, values: Values, sets: Sets, *, age: int | None, has_need: bool) -> frozenset[str]:
        """Codes of the groups that a person belongs to; `age` is that on the reference date."""
        traits = {name: frozenset(sets.get(name, _NOTHING)) for name in ("categories", "living", "honours")}
        said = {name: values.get(name) for name in ("employment", "merit", "away")}
        alike = (age, has_need, *traits.values(), *said.values())
        if alike not in self._known:
            # Unvalidated: the server has checked it, and a value of a newer version must hide nobody.
            unchecked: dict[str, Any] = {"id": "", "name": "", "born": values.get("born"), **traits, **said}
            profile = Person.model_construct(None, **unchecked)
            self._known[alike] = frozenset(
                group.code
                for group in self._campaign.groups
                if belongs(group, profile, on=self._campaign.reference_date, has_need=has_need)
            )
        return self._known[alike]


def tags_of(values: Values, sets: Sets) -> tuple[str, ...]:
    """Short Chinese labels, the weightiest first; a screen shows the first two.

    参试 is shown only to assigned staff (domain.md 7), so categories give no tag but 三属.
    """
    living, honours = sets.get("living", _NOTHING), sets.get("honours", _NOTHING)
    tags = ["重复登记"] if values.get("duplicate_of") else []
    tags += [label for code, label in _LIVING.items() if code in living] if living else []
    tags += [label for code, label in _HONOURS.items() if code in honours] if honours else []
    if (merit := _MERITS.get(str(values.get("merit")))) is not None:
        tags.append(merit)
    if not _SURVIVORS.isdisjoint(sets.get("categories", _NOTHING)):
        tags.append("三属")
    if is_away(values.get("away")):
        tags.append("外地")
    if (out_of_work := _OUT_OF_WORK.get(str(values.get("employment")))) is not None:
        tags.append(out_of_work)
    return tuple(tags)
