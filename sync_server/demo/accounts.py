"""The accounts of the demonstration: one for each seat from which the city looks different.

They share one password that is printed on the screen. Nothing but a demonstration may have such
accounts, which is why they are made only in a database that says of itself that it is one.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from app.domain.codes import Role
from sync_server.demo.chance import stream
from sync_server.demo.places import SHOWCASE_VILLAGE, UNITS
from sync_server.records.accounts import create_account

PASSWORD = "zoufang"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Login, the person's invented name, the organisation and what the seat is called."""

    login: str
    name: str
    organisation: str
    role: Role
    seat: str


VILLAGE = DemoAccount("village", "蓝小云", SHOWCASE_VILLAGE, Role.RECORDER, "村里的走访员")
TOWNSHIP = DemoAccount("town", "陈立", SHOWCASE_VILLAGE[:9], Role.REVIEWER, "乡镇审核员")
COUNTY = DemoAccount("county", "吴晓敏", SHOWCASE_VILLAGE[:6], Role.COUNTY_CLERK, "县里的经办")
CITY = DemoAccount("city", "周正", SHOWCASE_VILLAGE[:4], Role.CITY_ANALYST, "市里的汇总")
UNIT = DemoAccount("unit", "徐宁", UNITS[0].code, Role.UNIT_LIAISON, "单位联络员")
ACCOUNTS = (VILLAGE, TOWNSHIP, COUNTY, CITY, UNIT)


def keep_accounts(connection: Connection, *, seed: int, made_ms: int) -> None:
    """Make the accounts, each with the id under which its earlier visits were recorded (`worker_of`)."""
    for account in ACCOUNTS:
        create_account(
            connection,
            account.login,
            PASSWORD,
            name=account.name,
            organisation_code=account.organisation,
            role=account.role,
            now_ms=made_ms,
            entropy=stream(seed, "worker", account.organisation).randbytes,
        )
