"""Copies that come back: a phone restored or cloned, a server restored. At most one kind in a world, since
what is lost at both ends at once is lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.fakes import DAY_MS
from tests.simulation.found import Found
from tests.simulation.phone import Phone

if TYPE_CHECKING:
    from tests.simulation.world import World

COPIES_OF_PHONES = ("phone restored", "phone cloned")
KINDS = ("none", "none", *COPIES_OF_PHONES, "server restored")
_A_DAY = 40  # steps of all phones together
# Backups are made more often than the retention days pass, or what a phone has cleared would be in none.
_BACKED_UP_EVERY_MS = DAY_MS // 2


class Disaster:
    """The one of this world: a copy is made at some step, and comes back at a later one."""

    def __init__(self, world: World) -> None:
        self._world = world
        random = world.random
        self.kind = random.choice(KINDS)
        steps = world.days * _A_DAY
        self._copy_at = max(1, random.randrange(steps))  # steps are counted from 1
        self._back_at = self._copy_at + random.randrange(1, _A_DAY)
        self._step = 0
        self._copied_ms = 0
        self._phone = random.choice(world.phones)
        self._visits: set[str] = set()

    async def come_nearer(self) -> None:
        """One step of the world has passed."""
        self._step += 1
        if self._step == self._copy_at or (
            self.kind == "server restored"
            and self._copy_at < self._step < self._back_at
            and self._world.now_ms - self._copied_ms > _BACKED_UP_EVERY_MS
        ):
            self._copy()
        if self._step == self._back_at:
            await self._come_back()

    def _copy(self) -> None:
        self._copied_ms = self._world.now_ms
        if self.kind == "server restored":
            self._world.server.back_up()
        elif self.kind != "none":
            self._phone.disk.copy(self._file)
            self._phone.files.copy_to(self._photos)
            self._visits = set(self._phone.visits)

    async def _come_back(self) -> None:
        world = self._world
        if self.kind == "none":
            return
        world.oracle.events.add(self.kind)
        world.tally.faults[self.kind] += 1
        if self.kind == "server restored":
            self._restore_server()
        elif self.kind == "phone restored":
            self._doubt_what_waits(self._phone)
            await self._phone.close()
            self._phone.disk.replace(self._file)
            self._phone.files.replace_by(self._photos)
            self._phone.visits = set(self._visits)
            self._phone.cleared.clear()
            self._phone.open()
        else:
            clone = world.add_phone(f"{self._phone.name}-clone", self._phone.crew, copy=self._file)
            clone.files.replace_by(self._photos)
            clone.visits = set(self._visits)
            for visit in self._visits:  # two phones may now rewrite it, unseen by one another
                world.oracle.visits[visit].is_shared = True

    def _restore_server(self) -> None:
        world = self._world
        part = world.random.choice(("all", "database", "photos"))
        world.server.restore(with_database=part != "photos", with_photos=part != "database")
        # Unless somebody hears of them again: the backup may lack them.
        world.oracle.photos_proven = {
            sha: at_ms for sha, at_ms in world.oracle.photos_proven.items() if world.server.photos.holds(sha)
        }
        world.oracle.receipts.clear()
        world.oracle.forget_proofs_but(Found.of(world.server).keys)
        for edit in world.oracle.edits:
            edit.is_sure = edit.is_sure and edit.by != "roster"  # its file is imported again, or not

    def _doubt_what_waits(self, phone: Phone) -> None:
        """What has no receipt may have gone with the phone."""
        oracle = self._world.oracle
        rows = phone.store.db.execute(
            "SELECT record, entity, kind FROM outbox WHERE state IN ('saved', 'sent')"
        ).fetchall()
        for record, entity, kind in rows:
            saved = oracle.visits.get(record)
            if saved is not None:
                saved.is_sure = saved.is_sure and (kind != "create" or record in self._visits)
                saved.is_undo_unsure = saved.is_undo_unsure or kind == "void"
                saved.are_words_unsure = saved.are_words_unsure or kind != "void"
            if entity == "person":
                for edit in oracle.edits:
                    if (edit.record, edit.by) == (record, phone.name):
                        edit.is_sure = False
                if kind == "create":
                    oracle.newcomers[record] = False

        # The bytes of a photo may have gone with it also where the record has its receipt.
        for photo in oracle.photos:
            is_there = photo.by != phone.name or photo.sha in oracle.photos_proven
            photo.is_sure = photo.is_sure and is_there

    @property
    def _photos(self) -> Path:
        return self._world.folder / "photos-copy"

    @property
    def _file(self) -> Path:
        return self._world.folder / "phone-copy.sqlite"
