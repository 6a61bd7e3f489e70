"""A photo as it is drawn: small, with what it is and how far it has come."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.state.live import use_session
from app.store.photos import PhotoState, PhotoView
from app.ui.parts.look import part, use_look
from app.ui.parts.text import icon
from app.ui.theme import RADIUS_TAG, Look
from app.ui.words import words

SIDE = 72
_GLYPHS = {
    PhotoState.KEPT: (ft.Icons.SMARTPHONE, "wait"),
    PhotoState.SENDING: (ft.Icons.NORTH_EAST, "ink2"),
    PhotoState.PROVEN: (ft.Icons.VERIFIED_OUTLINED, "primary"),
    PhotoState.REFUSED: (ft.Icons.ERROR_OUTLINE, "bad"),
}


@part
def Thumbnail(*, sha256: str, size_bytes: int, mime: str, label: str) -> ft.Control:
    """The photo, SIDE by SIDE, once its bytes are read; a sign for a film and what is not here (size 0)."""
    look = use_look()
    session = use_session()
    content: Any
    content, set_content = ft.use_state(None)
    is_drawn = size_bytes > 0 and not mime.startswith("video/")

    async def load() -> None:
        if is_drawn:
            set_content(await session.photos.picture(sha256, size_bytes))

    ft.use_effect(load, [sha256, is_drawn])
    glyph = ft.Icons.MOVIE_OUTLINED if mime.startswith("video/") else ft.Icons.IMAGE_OUTLINED
    shown: ft.Control = icon(look, glyph, color=look.palette.ink2)
    if is_drawn and content is not None:
        # Decoded no larger than it is drawn: a dozen whole photos would fill a cheap phone.
        shown = ft.Image(src=content, width=SIDE, height=SIDE, fit=ft.BoxFit.COVER, cache_width=2 * SIDE)
    return ft.Semantics(
        label=label,
        image=True,
        container=True,
        content=ft.Semantics(
            exclude_semantics=True,
            content=ft.Container(
                content=shown,
                width=SIDE,
                height=SIDE,
                alignment=ft.Alignment.CENTER,
                bgcolor=look.palette.sunk,
                border_radius=RADIUS_TAG,
                clip_behavior=ft.ClipBehavior.HARD_EDGE,
            ),
        ),
    )


def kind_words(look: Look, kind: str) -> str:
    """现场, 证件材料, 宣传, 短视频; the code itself where it is not known."""
    known = ("SCENE", "DOCUMENT", "PUBLICITY", "VIDEO")
    return words(look.language, f"photo.kind.{kind}") if kind in known else kind


def photo_state_words(look: Look, view: PhotoView) -> str:
    """存在本机, 传到 60%, 市里已收到, 没收下：why."""
    if view.state is PhotoState.SENDING:
        # Whole it is only when it is proven.
        percent = min(99, view.sent_bytes * 100 // view.photo.size_bytes)
        return words(look.language, "photo.sending", percent=percent)
    if view.state is PhotoState.REFUSED:
        return words(look.language, "photo.refused", reason=view.problem)
    if view.state is PhotoState.PROVEN:
        return words(look.language, "photo.proven" if view.is_here else "photo.cleared")
    return words(look.language, "photo.kept")


def photo_face(look: Look, view: PhotoView) -> tuple[ft.IconData, str]:
    """Icon and colour of its state, the same as of a record."""
    glyph, ink = _GLYPHS[view.state]
    return glyph, getattr(look.palette, ink)


def photo_count_words(look: Look, count: int, proven: int) -> str:
    """照片 2 张，市里已收到 1 张."""
    if count == proven:
        return words(look.language, "state.photos.all", n=count)
    return words(look.language, "state.photos", n=count, proven=proven)
