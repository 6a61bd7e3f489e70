"""Photos in the visit form: optional, several, each with its kind; nothing here asks for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import flet as ft

from app.domain.codes import PhotoKind
from app.state.form import VisitForm
from app.store.photos import NewPhoto
from app.ui.parts.field import field
from app.ui.parts.form_choices import Change
from app.ui.parts.photos import Thumbnail, kind_words
from app.ui.parts.shapes import notice
from app.ui.parts.tap import calls, choice, grid, quiet
from app.ui.parts.text import fitting_columns, text
from app.ui.theme import GAP, MARGIN, Look
from app.ui.words import words

KINDS = (PhotoKind.SCENE, PhotoKind.DOCUMENT, PhotoKind.PUBLICITY)


@dataclass(frozen=True, slots=True)
class PhotoParts:
    """What the photo row works with. `shrinking`: how many are being made small just now.

    `problem` is why the last one was not added; `take` is None where no camera can be opened.
    """

    shrinking: int
    problem: str
    is_low: bool
    take: Callable[[], Any] | None
    pick: Callable[[], Any]


def photos_words(look: Look, form: VisitForm, shrinking: int) -> str:
    """The present value of the row: 可不拍, 2 张, 处理中."""
    language = look.language
    if shrinking:
        return words(language, "form.photos.busy", n=shrinking)
    return (
        words(language, "form.photos.some", n=len(form.photos))
        if form.photos
        else words(language, "form.photos.none")
    )


def photos_body(
    look: Look, form: VisitForm, parts: PhotoParts, change: Change, *, missing: str
) -> list[ft.Control]:
    """The open row: the rule in one line, the two ways to a photo, and each photo with its kind.

    `missing` says that a photo for publicity lacks its consent.
    """
    language, shade = look.language, look.palette
    rows: list[ft.Control] = [text(look, words(language, "form.photos.rule"), "meta", color=shade.ink2)]
    if parts.is_low:
        rows.append(notice(look, words(language, "storage.low")))
    ways: list[ft.Control] = []
    if parts.take is not None:
        ways.append(
            quiet(
                look, words(language, "form.photos.take"), on_click=parts.take,
                glyph=ft.Icons.PHOTO_CAMERA_OUTLINED, is_outlined=True,
            )
        )  # fmt: skip
    ways.append(
        quiet(
            look, words(language, "form.photos.pick"), on_click=parts.pick,
            glyph=ft.Icons.PHOTO_LIBRARY_OUTLINED, is_outlined=True,
        )
    )  # fmt: skip
    rows.append(ft.Row(ways, spacing=GAP, run_spacing=GAP, wrap=True))
    said = [words(language, "form.photos.busy", n=parts.shrinking)] if parts.shrinking else []
    rows.append(
        ft.Semantics(live_region=True, content=ft.Column([text(look, each, "meta") for each in said]))
    )
    if parts.problem:
        rows.append(ft.Semantics(live_region=True, content=notice(look, parts.problem)))
    for number, photo in enumerate(form.photos, 1):
        rows += _one(look, photo, number, change, missing=missing)
    return rows


def _one(look: Look, photo: NewPhoto, number: int, change: Change, *, missing: str) -> list[ft.Control]:
    language, file = look.language, photo.file

    def becomes(kind: PhotoKind) -> None:
        change(lambda form: form.with_photo(replace(_latest(form, photo), kind=str(kind.value))))

    def consents(consent: str) -> None:
        change(lambda form: form.with_photo(replace(_latest(form, photo), consent=consent)))

    drop = quiet(
        look,
        words(language, "form.photo.drop"),
        label=words(language, "form.photo.drop.label", n=number),
        on_click=lambda: change(lambda form: form.without_photo(file.sha256)),
    )
    shown = Thumbnail(
        sha256=file.sha256,
        size_bytes=file.size_bytes,
        mime=file.mime,
        label=words(language, "photo.shown.label", n=number),
    )
    rows: list[ft.Control] = [
        ft.Row([shown, drop], spacing=GAP, alignment=ft.MainAxisAlignment.SPACE_BETWEEN)
    ]
    if photo.kind == PhotoKind.VIDEO:
        return rows
    names = [kind_words(look, kind) for kind in KINDS]
    cells: list[ft.Control] = [
        choice(
            look,
            name,
            label=words(language, "form.photo.kind.label", n=number, name=name),
            is_chosen=photo.kind == kind,
            on_click=calls(becomes, kind),
        )
        for kind, name in zip(KINDS, names, strict=True)
    ]
    rows.append(grid(look, cells, columns=fitting_columns(look, names, 3, inset=2 * MARGIN)))
    if photo.kind == PhotoKind.PUBLICITY:
        said = words(language, "form.photo.consent.said")
        rows += [
            field(
                look,
                words(language, "form.photo.consent", n=number),
                photo.consent,
                on_change=consents,
                problem="" if photo.consent.strip() else missing,
            ),
            quiet(
                look,
                said,
                label=words(language, "form.photo.consent.said.label", n=number),
                on_click=calls(consents, said),
                is_outlined=True,
            ),
        ]
    return rows


def _latest(form: VisitForm, photo: NewPhoto) -> NewPhoto:
    """The photo as the form has it now: two quick touches may come before it is drawn again."""
    return next((kept for kept in form.photos if kept.file == photo.file), photo)
