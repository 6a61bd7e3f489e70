"""The list of devices, for whoever has to find the one that was lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, select

from app.domain.errors import UnknownCode
from sync_server.db.tables import accounts, device_accounts, devices, organisations
from sync_server.records.accounts import revoke_device
from sync_server.records.scope import Scope


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """A device as it is listed; `logins` are the accounts that have signed in on it, the first one first.

    `organisation` is the first account's station. Times are Unix ms; `have` is how many Changes it has sent.
    """

    id: str
    label: str
    logins: tuple[str, ...]
    organisation: str
    created_at: int
    last_seen_at: int | None
    revoked_at: int | None
    have: int


def list_devices(
    connection: Connection, scope: Scope | None = None, login: str | None = None
) -> list[ListedDevice]:
    """The devices on which somebody of `scope` has signed in, or the one account `login`; the last seen
    first."""
    listed = _listed(connection, scope)
    wanted = (device for device in listed if login is None or login in device.logins)
    return sorted(wanted, key=lambda device: (-(device.last_seen_at or 0), device.id))


def revoke_listed(connection: Connection, device_id: str, *, now_ms: int) -> ListedDevice:
    """Revoke the device and give it as it is listed then; raises UnknownCode if nobody has signed in on
    it. Repeating it keeps the first time."""
    revoke_device(connection, device_id, now_ms=now_ms)
    found = next((device for device in _listed(connection) if device.id == device_id), None)
    if found is None:
        raise UnknownCode(f"没有设备 {device_id[:64]}。请用 zoufang device list 查编号。", field="device")
    return found


def _listed(connection: Connection, scope: Scope | None = None) -> Iterable[ListedDevice]:
    is_first = device_accounts.c.account == devices.c.account
    query = (
        select(*_COLUMNS, accounts.c.login, organisations.c.code, organisations.c.path)
        .join(device_accounts, device_accounts.c.device == devices.c.id)
        .join(accounts, accounts.c.id == device_accounts.c.account)
        .join(organisations, organisations.c.code == accounts.c.organisation)
        .where(~devices.c.token_hash.startswith("none:"))  # the server's own, whose token nobody has
        .order_by(devices.c.id, is_first.desc(), accounts.c.login)
    )
    for _, group in groupby(connection.execute(query).all(), key=lambda row: row.id):
        rows = list(group)
        if scope is None or any(scope.holds(row.path) for row in rows):
            kept = {column.name: rows[0]._mapping[column.name] for column in _COLUMNS}
            yield ListedDevice(**kept, logins=tuple(row.login for row in rows), organisation=rows[0].code)


_COLUMNS = tuple(
    devices.c[name] for name in ("id", "label", "created_at", "last_seen_at", "revoked_at", "have")
)
