"""What is done at the station and the county while the phones are out: rosters, decisions, moves.

Each act goes through the real application's own functions, the reviewer's through its HTTP layer. An act
at which the server dies or finds no room is simply not done.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
from sqlalchemy import select, update

from app.domain.codes import Role
from sync_server.db.engine import reading, writing
from sync_server.db.tables import accounts, devices
from sync_server.records.accounts import Account, revoke_device
from sync_server.records.duplicates import duplicates_in, merge, take_apart
from sync_server.records.organisations import organisation
from sync_server.records.stations import move_account
from tests.simulation.people import PEOPLE, take_in_roster
from tests.simulation.phone import ADDRESS, Phone
from tests.simulation.server import VILLAGES

if TYPE_CHECKING:
    from tests.simulation.world import World

REVIEWER = "town"


class Office:
    """The people at the desks of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._houses: dict[int, str] = {}
        self._editions = 0

    def take_in_roster(self) -> None:
        """The first roster, or a later one that says something else of some people's houses."""
        world = self._world
        self._editions += 1
        for number in range(PEOPLE):
            if number not in self._houses or world.random.random() < 0.3:
                self._houses[number] = f"{self._editions}-{number}号"
        take_in_roster(
            world.server,
            world.oracle,
            lambda number: self._houses[number],
            now_ms=world.now_ms,
            entropy=world.random.randbytes,
        )

    def revoke(self, phone: Phone) -> None:
        """Switch a phone's device off."""
        account = phone.account
        if account is not None:
            with writing(self._world.server.engine) as connection:
                revoke_device(connection, account.device, now_ms=self._world.now_ms)
            self._note("revoked", "device revoked")

    def end_session(self, phone: Phone) -> None:
        """The server knows the token of the phone's device no more, as if put back from an old copy."""
        account = phone.account
        if account is not None:
            here = devices.c.id == account.device
            lost = f"lost:{self._world.random.getrandbits(64)}"
            with writing(self._world.server.engine) as connection:
                connection.execute(update(devices).where(here).values(token_hash=lost))
            self._note("session ended", "session ended")

    def move_account(self, phone: Phone) -> None:
        """Let whoever holds the phone work in another village from now on; the reviewer stays."""
        world, login = self._world, phone.login
        if login is None or login == REVIEWER:
            return
        with writing(world.server.engine) as connection:
            move_account(connection, login, world.random.choice(VILLAGES))
        self._note("account moved", "account moved")

    def station_of(self, login: str) -> str:
        """The organisation that the account belongs to now."""
        with reading(self._world.server.engine) as connection:
            query = select(accounts.c.organisation).where(accounts.c.login == login)
            return str(connection.execute(query).scalar_one())

    async def review(self) -> None:
        """The reviewer takes in, or sets aside, one of what waits for him.

        Now and then its author moves to another station before he can have heard of it.
        """
        answer = await self._ask("GET", "/v1/review")
        if answer is None or not answer["items"]:
            return
        item = self._world.random.choice(answer["items"])
        action = self._world.random.choice(("release", "set_aside"))
        said = {"action": action, "reason": "与本人核对过" if action == "set_aside" else ""}
        await self._ask("POST", f"/v1/review/{item['device']}/{item['seq']}", said)
        self._note("review", f"reviewer's {action}")
        for phone in self._world.phones:
            is_authors = phone.account is not None and phone.account.device == item["device"]
            if is_authors and not self._world.is_calm and self._world.random.random() < 0.1:
                self.move_account(phone)

    def join_or_part(self) -> None:
        """The reviewer joins two entries of one name, or takes two joined ones apart."""
        world = self._world
        account = self._reviewer()
        with reading(world.server.engine) as connection:
            found = duplicates_in(connection, account)
        if found.merged and world.random.random() < 0.4:
            entry, _ = world.random.choice(found.merged)
            take_apart(world.server.engine, account, entry.record, version=entry.version, now_ms=world.now_ms)
            self._note("merge", "entries taken apart")
        elif found.pairs:
            pair = world.random.choice(found.pairs)
            merge(
                world.server.engine,
                account,
                pair.second.record,
                pair.first.record,
                version=pair.second.version,
                now_ms=world.now_ms,
            )
            self._note("merge", "entries joined")

    def _reviewer(self) -> Account:
        with reading(self._world.server.engine) as connection:
            row = connection.execute(select(accounts).where(accounts.c.login == REVIEWER)).one()
            owner = organisation(connection, row.organisation)
        return Account(row.id, row.login, row.name, Role[row.role], owner)

    async def _ask(self, method: str, path: str, said: dict[str, str] | None = None) -> dict[str, Any] | None:
        """The answer's JSON; None where the server refused, or died over it."""
        phone = next((p for p in self._world.phones if p.login == REVIEWER), None)
        if phone is None or phone.account is None:
            return None
        body = b"" if said is None else json.dumps(said).encode()
        request = httpx.Request(
            method,
            f"{ADDRESS}{path}",
            headers={
                "authorization": f"Bearer {phone.account.token}",
                "content-type": "application/json",
            },
            content=body,
        )
        answer = await self._world.air.reach(request, body)
        return json.loads(answer[2]) if answer is not None and answer[0] == 200 else None

    def _note(self, event: str, fault: str) -> None:
        self._world.oracle.events.add(event)
        self._world.tally.faults[fault] += 1
