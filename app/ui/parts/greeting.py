"""The three steps of a greeting to many: by what and with which words, to whom, and the sending."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import flet as ft

from app.state import greeting
from app.state.greeting import GreetingForm
from app.state.session import Session
from app.store.greetings import Greetable
from app.store.index import UNVISITED, IndexRow, PeopleIndex
from app.ui.parts import when
from app.ui.parts.field import field
from app.ui.parts.people import who
from app.ui.parts.picker import Window, picker
from app.ui.parts.shapes import card, notice, section
from app.ui.parts.states import glyph_of, method_words
from app.ui.parts.tap import calls, choice, grid, primary, quiet
from app.ui.parts.text import fitting_columns, text
from app.ui.parts.villages import village_picker
from app.ui.theme import Look
from app.ui.words import words

Drawn = tuple[list[ft.Control], ft.Control]  # the body, and the one action pinned below it


@dataclass(frozen=True)
class GreetingPage:
    """What the steps draw with: `form` over the people who `can` be greeted, and what touches do.

    `change` takes fields of the form, `complain` a sentence, `save` saves and leaves.
    """

    look: Look
    session: Session
    index: PeopleIndex
    form: GreetingForm
    can: Greetable
    village: str
    window: Window
    change: Callable[..., None]
    complain: Callable[[str], None]
    save: Callable[[], None]
    is_grouped: bool

    def words(self, key: str, **fields: object) -> str:
        """The sentence of `key` in the language of the page."""
        return words(self.look.language, key, **fields)

    def choose_village(self, village: str) -> None:
        """Another village is another list of people."""
        self.change(village=village, people=(), opened=0)

    def chooses(self, **values: Any) -> Callable[[], None]:
        """A handler that changes the form by `values`, and never gets the event."""

        def handler() -> None:
            self.change(**values)

        return handler


def first_step(page: GreetingPage) -> Drawn:
    """By what, and with which words."""
    look, form, session = page.look, page.form, page.session
    methods = greeting.greeting_methods(session.campaign)
    named = {method.code: method_words(session.campaign, look, method.code) for method in methods}
    cells: list[ft.Control] = [
        choice(
            look,
            named[method.code],
            label=page.words("greet.method.label", name=named[method.code]),
            is_chosen=form.method == method.code,
            on_click=page.chooses(method=method.code, opened=0),
            glyph=glyph_of(method.icon),
        )
        for method in methods
    ]
    body: list[ft.Control] = [
        section(look, page.words("greet.how")),
        grid(look, cells, columns=fitting_columns(look, list(named.values()), 3, glyph=24)),
    ]
    wrong = greeting.problem_of(form)
    problem = page.words(wrong[0], **wrong[1]) if wrong else ""
    if form.method != greeting.PHONE:
        texts = greeting.greeting_texts(session)
        at = texts.index(form.words) if form.words in texts else -1
        body += [
            field(
                look,
                page.words("greet.words"),
                form.words,
                on_change=lambda value: page.change(words=value),
                hint=page.words("greet.words.hint"),
                problem=problem,
                lines=3,
            ),
            quiet(
                look,
                page.words("greet.words.other"),
                on_click=page.chooses(words=texts[(at + 1) % len(texts)]),
                glyph=ft.Icons.AUTORENEW,
                is_outlined=True,
                wraps=True,
            ),
        ]

    def go_on() -> None:
        if not form.method:
            page.complain(page.words("greet.how.missing"))
        elif not problem:
            page.change(step="people")

    return body, primary(look, page.words("greet.next"), on_click=go_on)


def second_step(page: GreetingPage) -> Drawn:
    """To whom: by hamlet or one by one, out of those who may be greeted."""
    look, form = page.look, page.form
    body: list[ft.Control] = list(
        village_picker(look, page.session, page.index, page.village, page.choose_village)
    )
    scopes: list[ft.Control] = [
        choice(
            look,
            page.words(key),
            label=page.words("greet.scope.label", name=page.words(key)),
            is_chosen=form.is_everyone is wide,
            on_click=page.chooses(is_everyone=wide, people=(), opened=0),
        )
        for key, wide in (("greet.scope.left", False), ("greet.scope.all", True))
    ]
    columns = fitting_columns(look, [page.words("greet.scope.left"), page.words("greet.scope.all")], 2)
    body.append(grid(look, scopes, columns=columns))
    body += _left_out(page)
    rows = _offered(page)

    def pick(picked: frozenset[str]) -> None:
        page.change(people=tuple(row.id for row in rows if row.id in picked), opened=0, unsent=())

    if rows:
        said = {row.id: _greeted(page, row) for row in rows}
        body += picker(look, rows, frozenset(form.people), pick, window=page.window, said=said)
    elif page.village:
        body.append(text(look, page.words("greet.nobody"), "body"))

    def go_on() -> None:
        if form.people:
            page.window.turn(0)
            page.change(step="send", people=form.people)
        else:
            page.complain(page.words("greet.people.none"))

    return body, primary(look, page.words("greet.people.next", n=len(form.people)), on_click=go_on)


def _offered(page: GreetingPage) -> list[IndexRow]:
    if not page.village:
        return []
    filters = frozenset() if page.form.is_everyone else frozenset({UNVISITED})
    found = page.index.search(filters=filters, village=page.village)
    return [page.index.row(person) for person in found if person in page.can.numbers]


def _greeted(page: GreetingPage, row: IndexRow) -> str:
    """That he was greeted before, which hinders nothing; empty where he was not."""
    session, last = page.session, row.last_attempt
    result = session.campaign.result(last.result) if last is not None else None
    if last is None or result is None or not result.sent:
        return ""
    return page.words(
        "greet.sent_before",
        when=when.day(page.look.language, last.at, session.now()),
        method=method_words(session.campaign, page.look, last.method),
    )


def _left_out(page: GreetingPage) -> list[ft.Control]:
    """How many are not offered, and why; nobody is named."""
    left_out = page.can.left_out
    if not left_out:
        return []
    reasons = page.words("and").join(
        page.words(f"greet.out.{reason}", n=count) for reason, count in left_out.items()
    )
    return [notice(page.look, page.words("greet.out", n=sum(left_out.values()), reasons=reasons))]


def third_step(page: GreetingPage) -> Drawn:
    """Opened one after the other, then the question, then saved together."""
    look, form, campaign = page.look, page.form, page.session.campaign
    method = campaign.method(form.method)
    kind = "sends" if method is not None and method.sends else "calls"
    name = method_words(campaign, look, form.method)
    said = page.words("greet.check", method=name, n=len(form.people))
    body: list[ft.Control] = [text(look, said, "name", is_header=True), *_left_out(page)]
    if form.step == "send":
        return _sending(page, body, kind)
    sent = form.sent
    said = page.words("greet.save", n=len(sent))
    if form.step == "ask":
        body.append(text(look, page.words(f"greet.ask.{kind}", n=len(sent)), "body"))
        some = page.words(f"greet.some.{kind}")
        body.append(quiet(look, some, on_click=page.chooses(step="some"), is_outlined=True, wraps=True))
        if len(sent) == len(form.people):
            said = page.words(f"greet.yes.{kind}")
    else:
        body.append(text(look, page.words(f"greet.some.hint.{kind}"), "meta", color=look.palette.ink2))

        def pick(picked: frozenset[str]) -> None:
            page.change(unsent=tuple(person for person in form.people if person not in picked))

        rows = [page.index.row(person) for person in form.people]
        body += picker(look, rows, frozenset(sent), pick, window=page.window)
    return body, primary(look, said, on_click=page.save, glyph=ft.Icons.CHECK)


def _sending(page: GreetingPage, body: list[ft.Control], kind: str) -> Drawn:
    """The messaging app is opened for the next; what was sent is asked for afterwards."""
    look, form = page.look, page.form
    is_android = greeting.is_android(ft.context.page.platform)
    is_grouped = form.method == "SMS" and is_android and page.is_grouped
    at_once = greeting.GROUP if is_grouped else 1
    count = len(form.people)
    if form.method == "SMS" and is_android and not form.opened and count > 1:
        body += _ways(page, is_grouped=is_grouped)
    if kind == "sends":
        body.append(card(look, [text(look, form.words, "body")]))
    told = "greet.opened" if form.opened else "greet.opened.none"
    body.append(text(look, page.words(told, n=form.opened, all=count), "body"))
    done = page.words(f"greet.done.{kind}")
    body.append(quiet(look, done, on_click=page.chooses(step="ask", unsent=()), is_outlined=True, wraps=True))
    if 0 < form.opened < count:
        stop = page.words("greet.stop", n=form.opened)
        stops = page.chooses(step="ask", unsent=form.people[form.opened :])
        body.append(quiet(look, stop, on_click=stops, wraps=True))

    async def open_next() -> None:
        address, opened = greeting.next_address(form, page.can.numbers, at_once=at_once)
        page.change(opened=opened, step="ask" if opened >= count else "send", unsent=())
        if form.method == greeting.WECHAT:
            await ft.Clipboard().set(form.words)
        try:
            await ft.UrlLauncher().launch_url(address)
        except RuntimeError:  # what Flet raises where no app answers to the address
            page.complain(page.words("greet.failed"))

    return body, primary(look, _next_words(page, at_once), on_click=open_next)


def _ways(page: GreetingPage, *, is_grouped: bool) -> list[ft.Control]:
    """One by one, or in groups where the worker has seen that each gets a message of his own."""
    cells: list[ft.Control] = [
        choice(
            page.look,
            said,
            label=page.words("greet.way.label", name=said),
            is_chosen=is_grouped is grouped,
            on_click=calls(greeting.say_each_his_own, page.session, grouped),
        )
        for said, grouped in (
            (page.words("greet.one"), False),
            (page.words("greet.group", n=greeting.GROUP), True),
        )
    ]
    hint = text(page.look, page.words("greet.group.hint"), "meta", color=page.look.palette.ink2)
    heading = section(page.look, page.words("greet.how.sent"))
    columns = fitting_columns(page.look, [page.words("greet.group", n=greeting.GROUP)], 2)
    return [heading, grid(page.look, cells, columns=columns), hint]


def _next_words(page: GreetingPage, at_once: int) -> str:
    form = page.form
    if form.method == greeting.WECHAT:
        return page.words("greet.open.WECHAT")
    following: Sequence[str] = form.people[form.opened : form.opened + at_once]
    if len(following) > 1:
        last = form.opened + len(following)
        return page.words("greet.open.group", first=form.opened + 1, last=last)
    person = who(page.index.row(following[0]), are_shown=page.window.are_shown)
    return page.words(f"greet.open.{form.method}", who=person.spoken)
