"""One thing found out of a person without a visit: confirmation, card, file or exemplary deeds.

What can be recorded stands first, below it what was recorded before, by whichever station.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import flet as ft

from app.domain.codes import (
    CardState,
    ConfirmationMethod,
    ConfirmationResult,
    ExemplaryKind,
    FileState,
    HonourLevel,
)
from app.domain.facts import CardStep, Confirmation, ExemplarySubject, FileStep
from app.state.findings import blank_findings, findings_form, keep_findings, save_findings
from app.state.live import use_live, use_session, use_watched
from app.state.session import Session
from app.store.findings import findings_of
from app.store.index import people_index
from app.store.visits import organisation_label
from app.ui.code_words import code_words
from app.ui.parts import when
from app.ui.parts.form_findings import card_rows, confirmation_rows, exemplary_rows, file_rows
from app.ui.parts.frame import page_view
from app.ui.parts.goals import with_goals
from app.ui.parts.hints import station_words
from app.ui.parts.look import above, go, screen, use_look
from app.ui.parts.pen import FormPen, Sheet, use_pen
from app.ui.parts.people import who
from app.ui.parts.shapes import card, scrolled, section
from app.ui.parts.tap import primary
from app.ui.parts.text import text
from app.ui.theme import MARGIN, Language, Look
from app.ui.words import words

Fact = Confirmation | CardStep | FileStep | ExemplarySubject
Rows = Callable[..., list[ft.Control]]
# By the name in the address: what is asked, and the field of Findings that holds what was recorded.
_KINDS: dict[str, tuple[Rows, str]] = {
    "confirm": (confirmation_rows, "confirmations"),
    "card": (card_rows, "card_steps"),
    "file": (file_rows, "file_steps"),
    "exemplary": (exemplary_rows, "exemplary"),
}
# Where it is told that nothing was chosen yet.
_FIRST_FIELD = {"confirm": "confirmation"}


@screen
def FindingPage() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    params = ft.use_route_params()
    here = ft.use_view_path() or "/"
    person, kind = params.get("person", ""), params.get("kind", "")
    index = use_live(people_index, "people", "account")
    known = use_live(lambda store: findings_of(store, person), "findings")
    pen = use_pen(here, lambda: _take(session, person, kind, above(here, 2)))
    language = look.language
    if kind not in _KINDS or not index.is_listed(person):
        return page_view(
            look,
            route=here,
            title=words(language, "person.title"),
            back=lambda: go(pen.back),
            body=scrolled(look, [text(look, words(language, "person.gone"))]),
        )
    rows, recorded = _KINDS[kind]
    body = [*pen.above(look), *rows(look, pen.sheet.form, pen.change, pen.said), *pen.below(look)]
    body.append(section(look, words(language, "found.history")))
    body.append(_history(look, session, getattr(known, recorded)))
    called = who(index.row(person), are_shown=names.are_shown)
    return page_view(
        look,
        route=here,
        title=words(language, f"form.{kind}"),
        context="·".join(part for part in (called.name, called.place) if part),
        back=lambda: go(pen.back),
        body=with_goals(pen.column, body, spacing=12),
        pinned=primary(
            look, words(language, "form.save"), glyph=ft.Icons.CHECK, on_click=lambda: pen.press_save(look)
        ),
    )


def _take(session: Session, person: str, kind: str, back: str) -> FormPen:
    form, is_begun = findings_form(session, person, kind)
    return FormPen(
        session,
        Sheet(form, is_restored=is_begun),
        keep=lambda form: keep_findings(session, person, kind, form),
        save=lambda form: save_findings(
            session, person, form, kind=kind, field=_FIRST_FIELD.get(kind, kind), back=back
        ),
        fresh=lambda: blank_findings(session),
        back=back,
    )


def _history(look: Look, session: Session, facts: Sequence[Fact]) -> ft.Control:
    language, shade = look.language, look.palette
    if not facts:
        return card(look, [text(look, words(language, "found.history.none"), color=shade.ink2)])
    told: list[ft.Control] = []
    for fact in facts:
        said = fact_words(language, fact)
        by = station_words(language, organisation_label(fact.organisation, session.account))
        day = when.day_and_clock(language, fact.at, session.now())
        lines: list[ft.Control] = [text(look, said[0], "strong")]
        lines += [text(look, each, "meta") for each in said[1:]]
        lines.append(text(look, f"{day}·{by}", "meta", color=shade.ink2))
        told.append(ft.Column(lines, spacing=2, tight=True))
    return card(look, told, spacing=MARGIN)


def fact_words(language: Language, fact: Fact) -> list[str]:
    """What was recorded: the state first, then what belongs to it."""
    if isinstance(fact, Confirmation):
        result = code_words(language, ConfirmationResult, fact.result)
        method = code_words(language, ConfirmationMethod, fact.method)
        return [f"{fact.year} {result}·{method}", *([fact.words] if fact.words else [])]
    if isinstance(fact, CardStep):
        return [code_words(language, CardState, fact.state)]
    if isinstance(fact, FileStep):
        return [code_words(language, FileState, fact.state)]
    title = [code_words(language, ExemplaryKind, fact.kind)]
    if fact.level:
        title.append(code_words(language, HonourLevel, fact.level))
    if fact.year:
        title.append(f"{fact.year}")
    consent = fact.consent or words(language, "found.exemplary.no_consent")
    return ["·".join(title), fact.deeds, consent]
