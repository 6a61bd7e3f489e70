"""Session: what all screens share. Opens the store, lends the verbs, and keeps the loop running.

A verb is one line of orchestration: a store verb (one transaction), then a wake for the loop. What
screens watch beside the store (looks, hidden names, the network, the visit just saved) are small
observables here, each with few readers, so that one change redraws little.
"""

from __future__ import annotations

import asyncio
import contextvars
import random
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import flet as ft

from app.device import Device, MountResult, current_device
from app.domain.campaign import Campaign
from app.state.form import Kind, Saved, VisitForm, form_from_draft, form_of_visit, new_visit
from app.state.live import Pulse
from app.state.newcomer import NewcomerForm, blank_newcomer, newcomer_from_draft
from app.state.photos import PhotoDesk
from app.state.typed import CHINA
from app.store import (
    conflicts,
    drafts,
    enrolment,
    mending,
    newcomers,
    photo_files,
    prefs,
    records,
    visits,
)
from app.store.account import SignedIn, enrolled, keep_sign_in, signed_in
from app.store.index import UNVISITED, PeopleIndex, people_index
from app.store.store import Store, open_store
from app.store.way import way_from
from app.sync.client import SyncClient
from app.sync.loop import SyncLoop
from app.sync.status import SyncStatus

REVEAL_MS = 10 * 60 * 1000
REVEALS_KEPT = 200
SPELL_AFTER_S, SPELT_AT_ONCE = 3.0, 200


@ft.observable
@dataclass
class Looks:
    """How the worker wants things drawn: text scale, colours, language. Kept in the preferences."""

    scale: float = 1.0
    theme: str = "system"
    language: str = "zh"
    is_system_dark: bool = False


@ft.observable
@dataclass
class Names:
    """Whether names and phones are shown now: never at the start, for ten minutes once asked for."""

    are_shown: bool = False


@ft.observable
@dataclass
class Net:
    """What is known of the way to the server; `status` is None until the loop has started."""

    status: Any = None  # SyncStatus, replaced whole
    is_online: bool = True


@ft.observable
@dataclass
class Bar:
    """The bar about what was just saved; None when there is nothing to say."""

    saved: Saved | None = None


@ft.observable
@dataclass
class RosterQuery:
    """What the roster shows now, so that it is the same after a visit or a look at another place."""

    text: str = ""
    filters: frozenset[str] = frozenset({UNVISITED})
    start: int = 0


class Session:
    """One run of the app over one open store. Made by `bootstrap`; tests make it over their own store."""

    def __init__(
        self,
        store: Store,
        device: Device,
        *,
        mount: MountResult = "durable",
        now_ms: Callable[[], int],
        chance: random.Random | None = None,
    ) -> None:
        self.store = store
        self.device = device
        self.mount = mount
        self.now_ms = now_ms
        self.looks = Looks()
        self._read_looks()
        # Whoever opens the app is asked anew: the phone may have changed hands since.
        self.names = Names()
        self.net = Net(is_online=device.network.is_online())
        self.bar = Bar()
        self.roster = RosterQuery()
        self._loop: SyncLoop | None = None
        self._chance = chance or random.Random()
        self._chosen_methods: dict[str, str] = {}
        self._pulses: dict[str, Pulse] = {}
        store.on_commit(self._beat)
        self._hiding: asyncio.Task[None] | None = None
        self.photos = PhotoDesk(store, device, now=self.now, wake=self.wake)

    # what screens ask

    def pulse(self, table: str) -> Pulse:
        """The observable that beats when a commit has touched `table`."""
        return self._pulses.setdefault(table, Pulse())

    @property
    def account(self) -> SignedIn:
        """Who is signed in; only to be asked by screens that are shown to somebody signed in."""
        account = signed_in(self.store)
        assert account is not None, "screens behind the sign-in are drawn only after it"
        return account

    @property
    def campaign(self) -> Campaign:
        return self.account.campaign

    @property
    def index(self) -> PeopleIndex:
        return people_index(self.store)

    def now(self) -> datetime:
        """The present moment by this phone's clock."""
        return datetime.fromtimestamp(self.now_ms() / 1000, CHINA)

    def show_roster(self, *filters: str) -> None:
        """Let the roster begin at its start with just these filters."""
        self.roster.text, self.roster.filters, self.roster.start = "", frozenset(filters), 0

    # signing in

    async def sign_in(self, login: str, password: str, *, server: str) -> None:
        """Sign in once at `server` and keep what it answers; raises the ZoufangError to be shown.

        The password is not kept. Afterwards the loop fetches the roster by itself.
        """
        # On a shared phone the token of the one server enrols the next worker on the same device.
        token = enrolment.enrolling_token(self.store, server)
        async with self.device.network.http_client(server) as http:
            answer = await SyncClient(http, token).sign_in(login, password, sys.platform)
        known = {one.account.account_id for one in enrolled(self.store)}
        shown = {"language": self.looks.language, "theme": self.looks.theme}
        is_added = keep_sign_in(self.store, answer, server).account_id not in known and bool(known)
        self._change_hands()
        if is_added:
            # He has just read the sign-in so; how large he likes it is his own affair.
            self.set_look(**shown)
        self.wake("sign-in")

    def switch_worker(self, account_id: str) -> None:
        """Hand the phone to another worker who has signed in on it; raises BadInput for anybody else."""
        enrolment.switch_to(self.store, account_id)
        self._change_hands()
        self.wake("sign-in")

    def sign_out(self) -> None:
        """The worker gives the phone back; what he saved and began stays."""
        enrolment.sign_out(self.store)
        self._change_hands()

    def _change_hands(self) -> None:
        """Nothing of the worker before may be seen by the next: names, the bar, his search, his looks."""
        self.names.are_shown = False
        self._hide_at(None)
        self.bar.saved = None
        self._chosen_methods.clear()
        self.show_roster(UNVISITED)
        self._read_looks()

    def _read_looks(self) -> None:
        self.looks.scale = float(prefs.pref(self.store, "text_scale", 1.0))
        self.looks.theme = str(prefs.pref(self.store, "theme", "system"))
        self.looks.language = str(prefs.pref(self.store, "language", "zh"))

    # visits

    def draft(self, person: str) -> VisitForm | None:
        """What was begun for `person` and not saved, with the time at which it was written."""
        kept, kept_at = drafts.draft_of(self.store, person), drafts.draft_kept_at(self.store, person)
        if kept is None or kept_at is None:
            return None
        written = datetime.fromtimestamp(kept_at / 1000, CHINA)
        return form_from_draft(kept).written_at(written, campaign=self.campaign, now=self.now())

    def keep_draft(self, person: str, form: VisitForm) -> None:
        """Keep `form` as typed so far; a form with nothing in it leaves no draft behind."""
        if form.is_empty_beside(form.method):
            drafts.drop_draft(self.store, person)
        else:
            drafts.keep_draft(
                self.store, person, form.to_draft(), photos=[photo.file.sha256 for photo in form.photos]
            )

    def blank_form(self) -> VisitForm:
        """A new form: the last method is remembered, nothing else."""
        first = self.campaign.methods[0].code
        return VisitForm().with_method(str(prefs.pref(self.store, "last_method", first)), self.campaign)

    def choose_method(self, person: str, method: str) -> None:
        """Let the next form for `person` begin with `method` (after 打电话 or 发短信)."""
        self._chosen_methods[person] = method

    def begin_form(self, person: str) -> VisitForm:
        """The form to show for `person`: the draft or a new one, with the method that was just used."""
        form = self.draft(person) or self.blank_form()
        method = self._chosen_methods.pop(person, None)
        return form.with_method(method, self.campaign) if method else form

    def last_checklist(self) -> tuple[str, ...]:
        """What was ticked at the last visit saved here."""
        return tuple(prefs.pref(self.store, "last_checklist", []))

    def save_visit(self, person: str, form: VisitForm, *, back: str, sealed: str = "") -> str:
        """Save `form` as a visit to `person` and return its id; committed when this returns.

        `back` is the route to which the screen returns; there the bar offers the undo. `sealed`: the words
        of an opinion about a worker (findings.sealed_opinion).
        Raises FormProblem for what is missing or unclear, StoreFault if it could not be stored;
        in both cases nothing was saved and the draft is still there.
        """
        visit = visits.record_visit(
            self.store, new_visit(form, person, campaign=self.campaign, now=self.now(), sealed=sealed)
        )
        self._remember("last_method", form.method)
        if form.checklist:
            self._remember("last_checklist", list(form.checklist))
        self.bar.saved = Saved("visit", person, back, visit)
        self.wake("save")
        return visit

    def _remember(self, name: str, value: Any) -> None:
        # Most visits are like the one before, and each commit costs a flush to the disk.
        if prefs.pref(self.store, name, None) != value:
            prefs.set_pref(self.store, name, value)

    def form_to_correct(self, visit: str) -> tuple[str, VisitForm, bool]:
        """The person and the form of a visit recorded here, to be put right or corrected.

        True where it is what was begun and not saved. Raises UnknownRecord.
        """
        recorded = records.record_view(self.store, visit).visit
        kept = drafts.draft_of(self.store, recorded.person, about=visit)
        return recorded.person, form_from_draft(kept) if kept else form_of_visit(recorded), bool(kept)

    def form_as_saved(self, visit: str) -> VisitForm:
        """The form of a visit recorded here as it stands; raises UnknownRecord."""
        return form_of_visit(records.record_view(self.store, visit).visit)

    def keep_correction(self, visit: str, form: VisitForm) -> None:
        """Keep what was changed of `visit` so far; a form that says the same leaves no draft behind."""
        recorded = records.record_view(self.store, visit).visit
        if form == form_of_visit(recorded):
            drafts.drop_draft(self.store, recorded.person, about=visit)
        else:
            drafts.keep_draft(self.store, recorded.person, form.to_draft(), about=visit)

    def correct_visit(self, visit: str, form: VisitForm) -> None:
        """Save `form` in place of a refused visit, or as a correction of one that stands.

        Committed when this returns. Raises FormProblem and BadInput for what cannot be saved,
        StoreFault; then nothing has changed and the draft is still there.
        """
        recorded = records.record_view(self.store, visit).visit
        new = new_visit(form, recorded.person, campaign=self.campaign, now=self.now())
        was = form_of_visit(recorded)
        if (form.day, form.time) == (was.day, was.time):
            new = replace(new, at=recorded.at)  # the form knows no seconds
        correct = mending.mend_visit if mending.can_mend(self.store, visit) else mending.amend_visit
        correct(self.store, visit, new)
        self.wake("save")

    def undo_visit(self, visit: str) -> None:
        """Take the visit back; raises TooLateToUndo after 24 hours."""
        visits.undo_visit(self.store, visit)
        if self.bar.saved and self.bar.saved.visit == visit:
            self.bar.saved = replace(self.bar.saved, is_undone=True)
        self.wake("save")

    def say_saved(self, kind: Kind, person: str, back: str, about: str = "") -> None:
        """Let the bar at `back` say that something about `person` was saved, and wake the loop."""
        self.bar.saved = Saved(kind, person, back, about)
        self.wake("save")

    def close_bar(self) -> None:
        """Put the bar about what was saved last away."""
        self.bar.saved = None

    def note_on_bar(self, problem: str) -> None:
        """Say in the bar why what was saved last could not be taken back."""
        if self.bar.saved is not None:
            self.bar.saved = replace(self.bar.saved, problem=problem)

    def next_after(self, person: str) -> str | None:
        """The next one to be reached on the way on from `person`; None when everybody is."""
        way = way_from(self.index, person, now=self.now())
        return way[0].id if way else None

    # people

    def newcomer(self) -> tuple[NewcomerForm, bool]:
        """The form for somebody new: what was begun (then True), or what the search had asked for."""
        kept = drafts.draft_of(self.store, "", about=drafts.NEWCOMER)
        if kept:
            return newcomer_from_draft(kept), True
        return self.newcomer_searched(), False

    def newcomer_searched(self) -> NewcomerForm:
        """A new form with the name that the search had asked for, whatever was begun."""
        return blank_newcomer(self.account, self.roster.text)

    def keep_newcomer(self, form: NewcomerForm) -> None:
        """Keep `form` as typed so far; one with nothing in it leaves no draft behind."""
        if form.is_empty:
            drafts.drop_draft(self.store, "", about=drafts.NEWCOMER)
        else:
            drafts.keep_draft(self.store, "", form.to_draft(), about=drafts.NEWCOMER)

    def add_person(self, form: NewcomerForm, *, beside: str) -> str:
        """Enter the person of `form` and return the id; committed when this returns.

        `beside` is the route under which the person's page is shown next; there the bar offers the
        undo. Raises BadInput for what is missing, StoreFault; then the draft is still there.
        """
        person = newcomers.add_person(self.store, form.name, form.village, **form.known())
        self.bar.saved = Saved("newcomer", person, f"{beside.rstrip('/')}/person/{person}")
        self.wake("save")
        return person

    def undo_newcomer(self, person: str, *, shown_at: str) -> None:
        """Take back somebody entered here; the bar at `shown_at` says so.

        Raises TooLateToUndo after 24 hours, BadInput while a visit to him stands.
        """
        newcomers.undo_person(self.store, person)
        self.bar.saved = Saved("newcomer", person, shown_at, is_undone=True)
        self.wake("save")

    def settle_conflicts(self, person: str, choices: Mapping[str, Any], *, back: str) -> None:
        """Let each of `choices` (value by field) be what holds; the bar at `back` says that it is saved.

        Raises BadInput for what is no candidate.
        """
        conflicts.settle_conflicts(self.store, person, choices)
        self.bar.saved = Saved("choice", person, back)
        self.wake("save")

    # names

    def reveal(self, reason: str) -> None:
        """Show names and phones for ten minutes; `reason` is written down with the time."""
        until = self.now_ms() + REVEAL_MS
        log = [*prefs.pref(self.store, "reveal_log", []), {"at": self.now_ms(), "reason": reason}]
        prefs.set_pref(self.store, "reveal_log", log[-REVEALS_KEPT:])
        self.names.are_shown = True
        self._hide_at(until)

    def hide(self) -> None:
        """Hide names and phones again."""
        self.names.are_shown = False
        self._hide_at(None)

    def _hide_at(self, until: int | None) -> None:
        if self._hiding is not None:
            self._hiding.cancel()
            self._hiding = None
        if until is not None:
            self._hiding = asyncio.get_running_loop().create_task(self._hide_later(until))

    async def _hide_later(self, until: int) -> None:
        await asyncio.sleep(max(0.0, (until - self.now_ms()) / 1000))
        self._hiding = None
        self.hide()

    # looks

    def set_look(self, **choices: Any) -> None:
        """Change text scale, theme or language (`scale=`, `theme=`, `language=`), at once and for good."""
        kept_as = {"scale": "text_scale", "theme": "theme", "language": "language"}
        for name, value in choices.items():
            prefs.set_pref(self.store, kept_as[name], value)
            setattr(self.looks, name, value)

    # the loop

    async def run_loop(self) -> None:
        """Synchronise for ever; to be started once, after the first frame, as a task of the page."""
        loop = SyncLoop(
            self.store,
            self._client,
            self.device.network,
            random=self._chance,
            now_ms=self.now_ms,
            blobs=self.device.blobs,
        )
        loop.on_status(self._heard)
        # The network calls from outside of any page, where screens could not be told to draw.
        page = contextvars.copy_context()
        self.device.network.on_online(lambda: page.run(self._came_online))
        self._loop = loop
        await loop.run()

    async def prepare_search(self) -> None:
        """Spell the names for the search by initials, a few at a time, while nobody waits for it."""
        await asyncio.sleep(SPELL_AFTER_S)
        while not self.index.prepare_pinyin(limit=SPELT_AT_ONCE):
            await asyncio.sleep(0.05)

    def wake(self, reason: str) -> None:
        """Let the loop look at once whether there is something to send or fetch."""
        if self._loop is not None:
            self._loop.wake(reason)

    def _client(self, account: SignedIn) -> SyncClient:
        return SyncClient(self.device.network.http_client(account.server_url), account.token)

    def _heard(self, status: SyncStatus) -> None:
        self.net.status = status
        self.net.is_online = self.device.network.is_online()

    def _came_online(self) -> None:
        self.net.is_online = True

    def _beat(self, tables: frozenset[str]) -> None:
        for table in tables & self._pulses.keys():
            self._pulses[table].beats += 1


async def bootstrap(device: Device | None = None) -> Session | MountResult:
    """Open this machine's store and make the session, or say why there can be none ("busy").

    Nothing of the network is imported here: the first list must not wait for it.
    """
    device = device or current_device()
    mount = await device.files.mount_durable()
    if mount == "busy":
        return mount

    def now_ms() -> int:
        return time.time_ns() // 1_000_000

    store = open_store(device.files.data_path(), now_ms=now_ms)
    # Before any form is open: what is being kept just now must not look like what a crash left.
    photo_files.forget_unused(store)
    for sha256 in photo_files.unknown_files(store, await device.blobs.listed()):
        await device.blobs.delete(sha256)
    return Session(store, device, mount=mount, now_ms=now_ms)
