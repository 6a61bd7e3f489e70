"""The pages 宣传照片: a person looks, covers faces by pointing at them, and lets a photo go; then the parcel.

Pointing needs no script: the photo is an image button, and a browser says where it was pressed.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from PIL import Image
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from app.domain.errors import BadInput
from sync_server.dashboard import session
from sync_server.dashboard.pages import PageRoute, page
from sync_server.dashboard.photos import View, view_of
from sync_server.db.engine import reading, writing
from sync_server.photos.blobs import PHOTOS, name_of
from sync_server.photos.parcel import index_workbook, public_parcel
from sync_server.photos.publicity import (
    PERMILLE,
    Candidate,
    candidate,
    candidates,
    covered,
    keep_covers,
    keep_look,
    toggled,
)
from sync_server.photos.shelf import Shelf
from sync_server.records.accounts import Account
from sync_server.records.scope import ScopeRule, demand_reviewer, scoped
from sync_server.state import ServerState

PREVIEW_PX = 800
SIZES = {"small": ("小", 25), "middle": ("中", 50), "large": ("大", 100)}  # radius, ‰ of the longest side
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def router(state: ServerState, shelf: Shelf) -> APIRouter:
    """The pages, their forms and what can be taken away."""
    routes = APIRouter(route_class=PageRoute)

    @routes.get("/publicity")
    @scoped(ScopeRule.REVIEW)
    async def list_page(request: Request) -> Response:
        return await run_in_threadpool(_list_page, state, request)

    @routes.get("/publicity.zip")
    @scoped(ScopeRule.REVIEW)
    async def parcel(request: Request) -> Response:
        return await run_in_threadpool(_parcel, state, shelf, request)

    @routes.get("/photos/index.xlsx")
    @scoped(ScopeRule.ORGANISATION)
    async def index(request: Request) -> Response:
        return await run_in_threadpool(_index, state, request)

    @routes.get("/publicity/{record}")
    @scoped(ScopeRule.REVIEW)
    async def photo_page(request: Request, record: str) -> Response:
        return await run_in_threadpool(_photo_page, state, request, record)

    @routes.get("/publicity/{record}/preview")
    @scoped(ScopeRule.REVIEW)
    async def preview(request: Request, record: str) -> Response:
        return await run_in_threadpool(_preview, state, shelf, request, record)

    @routes.post("/publicity/{record}")
    @scoped(ScopeRule.REVIEW)
    async def deciding(request: Request, record: str) -> Response:
        form = await session.form_of(request)
        return await run_in_threadpool(_decide, state, shelf, request, record, form)

    return routes


def _list_page(state: ServerState, request: Request) -> Response:
    _viewer(state, request)
    with reading(state.engine) as connection:
        view = view_of(state, connection, request)
        found = candidates(connection, view.scope, view.campaign.code)
    ready = sum(photo.may_leave for photo in found)
    return page("publicity.html", view=view, viewer=view.viewer, photos=found, ready=ready)


def _parcel(state: ServerState, shelf: Shelf, request: Request) -> Response:
    _viewer(state, request)
    with reading(state.engine) as connection:
        view = view_of(state, connection, request)
        found = candidates(connection, view.scope, view.campaign.code)
    if not any(photo.may_leave for photo in found):
        raise BadInput("还没有可以对外用的照片。请先看过、遮好，并有本人同意。")
    made = public_parcel(shelf, found)
    headers = _attachment(view, "宣传照片.zip")
    return StreamingResponse(
        made, media_type="application/zip", headers=headers, background=BackgroundTask(made.close)
    )


def _index(state: ServerState, request: Request) -> Response:
    with reading(state.engine) as connection:
        view = view_of(state, connection, request)
        made = index_workbook(connection, view.scope, view.campaign.code)
    return Response(made, media_type=_XLSX, headers=_attachment(view, "照片索引.xlsx"))


def _photo_page(state: ServerState, request: Request, record: str) -> Response:
    viewer, found = _found(state, request, record)
    size = request.query_params.get("size", "")
    values: dict[str, Any] = {
        "viewer": viewer,
        "photo": found,
        "sizes": SIZES,
        "size": size if size in SIZES else "middle",
    }
    return page("publicity_photo.html", **values)


def _preview(state: ServerState, shelf: Shelf, request: Request, record: str) -> Response:
    _, found = _found(state, request, record)
    made = covered(_content(shelf, found), found.covers, side_px=PREVIEW_PX)
    return Response(made, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


def _decide(
    state: ServerState, shelf: Shelf, request: Request, record: str, form: dict[str, str]
) -> Response:
    viewer, found = _found(state, request, record)
    there = f"/publicity/{quote(record, safe='')}"
    action, size = form.get("action", "cover"), form.get("size", "")
    if action == "cover":
        x, y = _place(shelf, found, form)
        covers = toggled(found.covers, x, y, SIZES.get(size, SIZES["middle"])[1])
        with writing(state.engine) as connection:
            keep_covers(connection, found, covers)
        return RedirectResponse(f"{there}?size={size if size in SIZES else 'middle'}", status_code=303)
    with writing(state.engine) as connection:
        if action == "withdraw":
            keep_covers(connection, found, found.covers)
        elif action == ("covered" if found.covers else "faceless") and form.get("seen") == found.drawing:
            keep_look(connection, found, by=viewer.id, now_ms=state.now_ms())
        else:
            raise BadInput("照片上遮的地方刚刚变了。请再看一遍这张照片。")
    return RedirectResponse("/publicity", status_code=303)


def _place(shelf: Shelf, found: Candidate, form: dict[str, str]) -> tuple[int, int]:
    """Where the preview was pressed, in ‰ of its width and height."""
    said = [form.get(name, "") for name in ("at.x", "at.y")]
    if not all(text.isascii() and text.isdigit() and len(text) < 6 for text in said):
        raise BadInput("没有点在照片上。请在照片上点一张脸。")
    with Image.open(BytesIO(covered(_content(shelf, found), (), side_px=PREVIEW_PX))) as shown:
        width, height = shown.size
    return int(said[0]) * PERMILLE // width, int(said[1]) * PERMILLE // height


def _found(state: ServerState, request: Request, record: str) -> tuple[Account, Candidate]:
    device = _viewer(state, request)
    with reading(state.engine) as connection:
        found = candidate(connection, device.scope, record)
    assert device.account is not None
    return device.account, found


def _viewer(state: ServerState, request: Request) -> Any:
    """The session of a reviewer; raises NotSignedIn, NotAllowed."""
    device = session.viewer_of(request, state)
    assert device.account is not None, "importers have no token"
    demand_reviewer(device.account.role)
    return device


def _content(shelf: Shelf, found: Candidate) -> bytes:
    pieces = shelf.blobs.pieces(name_of(PHOTOS, found.sha256))
    if pieces is None:
        raise BadInput("这张照片的原件不在服务器上。请等手机重传。")
    return b"".join(pieces)


def _attachment(view: View, name: str) -> dict[str, str]:
    full = quote(f"{view.here.name}{view.campaign.name}{name}")
    return {
        "Content-Disposition": f"attachment; filename=\"photos\"; filename*=UTF-8''{full}",
        "Cache-Control": "no-store",
    }
