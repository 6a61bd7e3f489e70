"""Who holds a phone: workers hand it over, sign out with work unsent, and sign in where they are asked to.

A deed of one must never cost another anything: what a worker saved stays his, is sent in his name and
shown to him alone, whoever holds the phone meanwhile and whose session carries it.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from app.domain.errors import BadInput, StorageFull
from app.store import records
from app.store.account import Enrolled, enrolled
from tests.simulation.disasters import COPIES_OF_PHONES
from tests.simulation.disk import Died
from tests.simulation.phone import Phone
from tests.simulation.server import SEATS, login_called
from tests.simulation.tally import Broken

if TYPE_CHECKING:
    from tests.simulation.world import World

_ALL = 1_000_000


def crews(random: Random, logins: list[str]) -> list[tuple[str, ...]]:
    """The workers of each phone: one has it alone, or shares it with one or two of the others."""
    found = []
    for login in logins:
        others = [other for other in SEATS if other not in (login, "town")]
        shares = login != "town" and random.random() < 0.4
        found.append((login, *random.sample(others, random.randint(1, 2))) if shares else (login,))
    return found


class Hands:
    """The workers of a world with the phones in their hands."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def hand_over(self, phone: Phone) -> None:
        """Another of its workers takes the phone, with or without his password."""
        others = [login for login in phone.crew if login != phone.login]
        if others:
            login = self._world.random.choice(others)
            self._world.tally.faults["phone handed over"] += 1
            try:
                if not await self._take(phone, login) and phone.has_signal:
                    await self._sign_in(phone, login)
            except Died:
                await self._world.revive(phone)

    async def sign_out(self, phone: Phone) -> None:
        """Whoever holds the phone signs out, whatever waits there."""
        if phone.account is not None:
            self._world.tally.faults["signed out"] += 1
            await self._act(phone, phone.sign_out)

    async def take_off(self, phone: Phone) -> None:
        """Whoever holds the phone takes another off it, which must cost that one nothing."""
        others = [one for one in enrolled(phone.store) if not one.is_current]
        if phone.account is not None and others:
            gone = self._world.random.choice(others)
            await self._act(phone, lambda: self._take_off(phone, gone))

    def _take_off(self, phone: Phone, gone: Enrolled) -> None:
        world = self._world
        try:
            phone.take_off(gone.account.account_id)
        except BadInput:
            world.tally.faults["kept on the phone"] += 1
            return
        world.tally.faults["taken off the phone"] += 1
        if world.disaster.kind in COPIES_OF_PHONES:  # the copy takes him for a worker of the device
            world.oracle.events.add("taken off a phone of two lives")

    async def sign_in_where_asked(self, phone: Phone) -> bool:
        """Type a password where the screen asks for one or somebody is due to; False where that failed.

        Where another's session carries the outbox, nobody need hurry. When all has calmed down, everybody
        takes the phone whose work waits for himself.
        """
        world = self._world
        if world.is_calm:
            for stranded in phone.stranded():
                if not await self._take(phone, stranded, only_if_good=True):
                    await self._sign_in(phone, stranded)
        if phone.must_sign_in:
            if phone.can_send and not world.is_calm and world.random.random() < 0.5:
                return True
            return await self._sign_in(phone, phone.login or world.random.choice(phone.crew))
        account = phone.account
        assert account is not None
        login = login_called(account.account_name)
        has_moved = account.organisation != world.office.station_of(login)
        if (phone.is_revoked or has_moved) and (world.is_calm or world.random.random() < 0.2):
            return await self._sign_in(phone, login)
        return True

    async def each_in_turn(self, phone: Phone, look: Callable[[], None]) -> None:
        """Each of the phone's workers takes it, at rest, and looks at his own screen; then `look` too."""
        workers = enrolled(phone.store)
        for one in workers:
            login = login_called(one.account.account_name)
            if len(workers) > 1:
                await self._sign_in(phone, login)
                await self._world.sync(phone)
            self._check_screen(phone, login)
            look()

    def _check_screen(self, phone: Phone, login: str) -> None:
        """What he saved on this phone is on his screen, and what the others saved is not."""
        shown = {view.visit.id for view in records.recent(phone.store, limit=_ALL)}
        saved = {visit for visit in phone.visits if self._world.oracle.visits[visit].who == login}
        if shown - phone.visits or shown & (phone.visits - saved):
            raise Broken(f"P11 {login} is shown on {phone.name} what others saved: {sorted(shown - saved)}")

    async def _take(self, phone: Phone, login: str, *, only_if_good: bool = False) -> bool:
        """Take the phone without a password; False where he has to type one."""
        taken: list[bool] = []
        await self._act(phone, lambda: taken.append(phone.hand_to(login)))
        return taken == [True] and not (only_if_good and phone.must_sign_in)

    async def _act(self, phone: Phone, act: Callable[[], None]) -> None:
        """An act at which the phone may die or find no room; then it is done or not, and nothing is lost."""
        world = self._world
        await world.endangered(phone, lambda: self._try(act), longest=12)

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except StorageFull:
            self._world.tally.faults["no room to change hands"] += 1

    async def _sign_in(self, phone: Phone, login: str) -> bool:
        world = self._world
        before = {one.number: one.account.device for one in enrolled(phone.store)}
        is_in = False
        try:
            is_in = await phone.sign_in(login)
        finally:
            if not is_in:  # he may be enrolled all the same, and the phone does not know of him
                world.oracle.events.add("sign-in unanswered")
        now = {one.number: one.account.device for one in enrolled(phone.store)}
        if any(now.get(number) != device for number, device in before.items()):
            world.oracle.events.add("new device")
            world.tally.renumbered += 1
        return is_in
