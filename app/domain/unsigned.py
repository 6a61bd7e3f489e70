"""Anonymous opinions without their writer's traces: what anybody may be told of who wrote one, and when.

Beside the visit of the same press, an account, a device, its next number or the second would name the
visit, and so the person. All that is told is the day (docs/adr/0027).
"""

from __future__ import annotations

from dataclasses import replace

from app.domain.facts import Opinion
from app.domain.merge import Candidate, Head, Mark
from app.domain.stamp import hlc_of, ms_of

_DAY_MS = 24 * 3600 * 1000
_CHINA_MS = 8 * 3600 * 1000  # what the campaign's days begin earlier than those of UTC


def is_anonymous(head: Head) -> bool:
    """Whether the record is an opinion that nobody put his name to."""
    return head.entity == Opinion.entity and head.values.get("anonymous") is True


def unsigned(head: Head) -> Head:
    """`head` as it may be told: of an anonymous opinion without account, device, number and hour; any other
    as it is. Its version stays, and with it what digests add up."""
    if not is_anonymous(head):
        return head
    marks = {
        name: tuple(Candidate(_of_the_day(found.mark), found.value) for found in all_found)
        for name, all_found in head.marks.items()
    }
    return replace(head, first=_of_the_day(head.first), marks=marks)


def day_began_ms(ms: int) -> int:
    """When the day of the moment `ms` began in China, both Unix ms."""
    return ms - (ms + _CHINA_MS) % _DAY_MS


def _of_the_day(mark: Mark) -> Mark:
    return Mark(mark.version, hlc_of(day_began_ms(ms_of(mark.hlc))), "", 0, "")
