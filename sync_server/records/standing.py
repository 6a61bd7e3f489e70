"""Where devices stand: the last stamp given to each, and up to which number its Changes are held.

Whoever takes in Changes of a device locks its row first, so that nobody else does until commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, select, update

from sync_server.db.engine import among
from sync_server.db.tables import changes as log
from sync_server.db.tables import devices


@dataclass(slots=True)
class DeviceStanding:
    """`clock` is the last effective stamp; every number up to `have` is in the log, and of those above it
    the ones in `beyond`."""

    clock: int
    have: int
    beyond: set[int] = field(default_factory=set)

    def may_know(self, first: int) -> bool:
        """Whether a number from `first` on may be in the log."""
        return first <= max(self.beyond, default=self.have)

    def take(self, seqs: Iterable[int]) -> None:
        """Changes with these numbers are written now."""
        self.beyond.update(seqs)
        while self.have + 1 in self.beyond:
            self.have += 1
            self.beyond.remove(self.have)


def lock_standings(connection: Connection, ids: Iterable[str]) -> dict[str, DeviceStanding]:
    """The standing of each of these devices, locked until commit in order of id."""
    wanted = {"wanted": list(ids)}
    found = {
        row.id: DeviceStanding(row.last_effective, row.have) for row in connection.execute(_LOCK, wanted)
    }
    for device, seq in connection.execute(_BEYOND, wanted):
        found[device].beyond.add(seq)
    return found


def write_standings(
    connection: Connection, standings: Mapping[str, DeviceStanding], offsets: Mapping[str, int]
) -> None:
    """Keep where the devices of `offsets` stand, and by how much each one's clock was off."""
    rows = [
        {
            "device_": device,
            "clock": standings[device].clock,
            "now_have": standings[device].have,
            "offset": ms,
        }
        for device, ms in offsets.items()
    ]
    if rows:
        connection.execute(_WRITE, rows)


_LOCK = (
    select(devices.c.id, devices.c.last_effective, devices.c.have)
    .where(among(devices.c.id, "wanted"))
    .order_by(devices.c.id)
    .with_for_update()
)
_BEYOND = select(log.c.device, log.c.seq).where(
    among(devices.c.id, "wanted"),
    log.c.county == devices.c.county,
    log.c.device == devices.c.id,
    log.c.seq > devices.c.have,
)
_WRITE = (
    update(devices)
    .where(devices.c.id == bindparam("device_"))
    .values(offset_ms=bindparam("offset"), last_effective=bindparam("clock"), have=bindparam("now_have"))
)
