"""Which of the campaign's groups a person is in, and the few tags that his row shows."""

from __future__ import annotations

from app.domain.campaign import Campaign, Group
from app.domain.codes import AwayStatus, Employment, Honour, LivingTag, Merit
from app.store.heads import Values

_WORTH_A_TAG = frozenset({Employment.UNEMPLOYED, Employment.LAID_OFF, Employment.SEEKING})
_SURVIVORS = frozenset({"MARTYR_SURVIVOR", "DUTY_DEATH_SURVIVOR", "ILLNESS_DEATH_SURVIVOR"})


def elements(values: Values, name: str) -> set[str]:
    """The elements of a set field (`living/DIBAO` ...) that are there."""
    start = name + "/"
    return {
        key[len(start) :]
        for key, value in values.items()
        if key.startswith(start) and value not in (None, False)
    }


def is_away(values: Values) -> bool:
    """Lives elsewhere than at home, as far as known."""
    return values.get("away") not in (None, AwayStatus.HOME)


def groups_of(values: Values, campaign: Campaign, *, age: int | None, has_open_need: bool) -> frozenset[str]:
    """Codes of the groups that hold for a person. Any one of a group's conditions suffices."""
    sets = {name: elements(values, name) for name in ("categories", "living", "honours")}
    return frozenset(
        group.code
        for group in campaign.groups
        if _holds(group, values, sets, age=age, has_open_need=has_open_need)
    )


def tags_of(values: Values) -> tuple[str, ...]:
    """Short Chinese labels, the weightiest first; a screen shows the first two.

    参试 is shown only to assigned staff (domain.md 7), so categories give no tag but 三属.
    """
    living, honours = elements(values, "living"), elements(values, "honours")
    tags = [tag.label for tag in LivingTag if tag in living]
    tags += [honour.label for honour in Honour if honour in honours]
    tags += [merit.label for merit in Merit if merit == values.get("merit")]
    if _SURVIVORS & elements(values, "categories"):
        tags.append("三属")
    if is_away(values):
        tags.append("外地")
    tags += [job.label for job in Employment if job in _WORTH_A_TAG and job == values.get("employment")]
    return tuple(tags)


def _holds(
    group: Group, values: Values, sets: dict[str, set[str]], *, age: int | None, has_open_need: bool
) -> bool:
    return (
        (group.min_age is not None and age is not None and age >= group.min_age)
        or not sets["categories"].isdisjoint(group.categories)
        or not sets["living"].isdisjoint(group.living)
        or not sets["honours"].isdisjoint(group.honours)
        or values.get("employment") in group.employment
        or values.get("merit") in group.merits
        or (group.away and is_away(values))
        or (group.has_need and has_open_need)
    )
