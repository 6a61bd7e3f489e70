"""The photos of one record: each small, with its own state; one that was not taken can be sent again."""

from __future__ import annotations

import flet as ft

from app.domain.errors import ZoufangError
from app.state.live import use_live, use_session
from app.store.photos import PhotoState, PhotoView, photos_about
from app.ui.parts.faults import fault_words
from app.ui.parts.look import part, use_look
from app.ui.parts.photos import Thumbnail, kind_words, photo_face, photo_state_words
from app.ui.parts.shapes import card, notice
from app.ui.parts.tap import calls, quiet
from app.ui.parts.text import icon, text
from app.ui.theme import GAP, Look
from app.ui.words import words


@part
def RecordPhotos(*, visit: str) -> ft.Control:
    """Nothing where the visit has no photo: one without is complete."""
    look = use_look()
    session = use_session()
    found = use_live(lambda store: photos_about(store, visit), "photos")
    problem, set_problem = ft.use_state("")
    if not found:
        return ft.Container(height=0)

    def drop(record: str) -> None:
        try:
            session.photos.remove(record)
        except ZoufangError as fault:
            set_problem(fault_words(session, fault))

    rows: list[ft.Control] = [text(look, words(look.language, "form.photos"), "strong")]
    if problem:
        rows.append(notice(look, problem))
    for number, view in enumerate(found, 1):
        actions: list[ft.Control] = [
            quiet(
                look,
                words(look.language, "form.photo.drop"),
                label=words(look.language, "form.photo.drop.label", n=number),
                on_click=calls(drop, view.record),
            )
        ]
        if view.state is PhotoState.REFUSED and view.is_here:
            again = quiet(
                look,
                words(look.language, "photo.again"),
                label=words(look.language, "photo.again.label", n=number),
                on_click=calls(session.photos.send_again, view.photo.sha256),
                is_outlined=True,
            )
            actions.insert(0, again)
        rows += [_line(look, view, number), ft.Row(actions, spacing=GAP, wrap=True)]
    return card(look, rows, spacing=GAP)


def _line(look: Look, view: PhotoView, number: int) -> ft.Control:
    photo, (glyph, ink) = view.photo, photo_face(look, view)
    kind, state = kind_words(look, photo.kind), photo_state_words(look, view)
    said = words(look.language, "photo.line", n=number, kind=kind, state=state)
    shown = Thumbnail(
        sha256=photo.sha256,
        size_bytes=photo.size_bytes if view.is_here else 0,
        mime=photo.mime,
        label=words(look.language, "photo.shown.label", n=number),
    )
    both: list[ft.Control] = [
        text(look, kind, "body"),
        ft.Row([icon(look, glyph, color=ink), text(look, state, "meta", color=ink, expand=True)], spacing=6),
    ]
    spoken = ft.Semantics(
        label=said,
        container=True,
        expand=True,
        content=ft.Semantics(exclude_semantics=True, content=ft.Column(both, spacing=0)),
    )
    return ft.Row([shown, spoken], spacing=12)
