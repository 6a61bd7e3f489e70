"""Which of the campaign's groups a person is in, and the few tags that his row shows."""

from __future__ import annotations

from app.domain.campaign import Campaign, Group
from app.domain.codes import AwayStatus, Employment, Honour, LivingTag, Merit
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


def is_away(values: Values) -> bool:
    """Lives elsewhere than at home, as far as known."""
    return values.get("away") not in (None, AwayStatus.HOME)


def groups_of(
    values: Values, sets: Sets, campaign: Campaign, *, age: int | None, has_open_need: bool
) -> set[str]:
    """Codes of the groups that hold for a person. Any one of a group's conditions suffices."""
    return {
        group.code
        for group in campaign.groups
        if _holds(group, values, sets, age=age, has_open_need=has_open_need)
    }


def tags_of(values: Values, sets: Sets) -> tuple[str, ...]:
    """Short Chinese labels, the weightiest first; a screen shows the first two.

    参试 is shown only to assigned staff (domain.md 7), so categories give no tag but 三属.
    """
    living, honours = sets.get("living", _NOTHING), sets.get("honours", _NOTHING)
    tags = [label for code, label in _LIVING.items() if code in living] if living else []
    tags += [label for code, label in _HONOURS.items() if code in honours] if honours else []
    if (merit := _MERITS.get(str(values.get("merit")))) is not None:
        tags.append(merit)
    if not _SURVIVORS.isdisjoint(sets.get("categories", _NOTHING)):
        tags.append("三属")
    if is_away(values):
        tags.append("外地")
    if (out_of_work := _OUT_OF_WORK.get(str(values.get("employment")))) is not None:
        tags.append(out_of_work)
    return tuple(tags)


def _holds(group: Group, values: Values, sets: Sets, *, age: int | None, has_open_need: bool) -> bool:
    return (
        (group.min_age is not None and age is not None and age >= group.min_age)
        or not sets.get("categories", _NOTHING).isdisjoint(group.categories)
        or not sets.get("living", _NOTHING).isdisjoint(group.living)
        or not sets.get("honours", _NOTHING).isdisjoint(group.honours)
        or values.get("employment") in group.employment
        or values.get("merit") in group.merits
        or (group.away and is_away(values))
        or (group.has_need and has_open_need)
    )
