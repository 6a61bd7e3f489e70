"""The server as one ASGI application. `create_app` is the only place where its parts are wired."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from sync_server.api import digest, login, photos, problems, relay, review, sync
from sync_server.dashboard import casework, paper, publicity, views
from sync_server.dashboard import photos as photo_pages
from sync_server.dashboard import review as review_pages
from sync_server.dashboard import tell as tell_pages
from sync_server.dashboard.pages import error_page
from sync_server.photos.chores import done_in_background
from sync_server.photos.shelf import open_shelf
from sync_server.pwa.build import DEFAULT_OUT
from sync_server.pwa.serve import web_app
from sync_server.records.city import open_city
from sync_server.settings import Settings
from sync_server.state import ServerState, unix_ms

_NOT_BUILT = "网页版还没有组装。请在服务器上运行 zoufang build-web，再刷新本页。"


def create_app(
    settings: Settings, *, now_ms: Callable[[], int] = unix_ms, site: Path | None = None
) -> FastAPI:
    """The server of `settings`: its database opened and seeded, every route in place.

    `site` is the folder of the built phone app, by default where `zoufang build-web` puts it. It
    may be built while the server runs.
    """
    state = ServerState(open_city(settings), settings, now_ms)
    shelf = open_shelf(state.engine, settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with done_in_background(shelf, now_ms):
            yield
        state.engine.dispose()

    # No pages that describe the API to strangers, and none that fetch scripts from elsewhere.
    app = FastAPI(title="走访", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.server = state
    app.state.photos = shelf
    problems.install(app, error_page)
    names_records = [Depends(problems.demand_an_address)]
    app.include_router(login.router(state))
    app.include_router(sync.router(state))
    app.include_router(relay.router(state))
    app.include_router(digest.router(state))
    app.include_router(review.router(state), dependencies=names_records)
    app.include_router(photos.router(state, shelf), dependencies=names_records)
    app.include_router(views.router(state))
    app.include_router(paper.router(state))
    app.include_router(review_pages.router(state), dependencies=names_records)
    app.include_router(publicity.router(state, shelf), dependencies=names_records)
    app.include_router(photo_pages.router(state, shelf), dependencies=names_records)
    app.include_router(casework.router(state))
    app.include_router(tell_pages.router(state))
    app.mount("/app", _PhoneApp(site or DEFAULT_OUT))
    return app


class _PhoneApp:
    """The built phone app, or one clear sentence while it is not built."""

    def __init__(self, site: Path) -> None:
        self._site = site
        self._served: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._served is None and (self._site / "index.html").is_file():
            self._served = web_app(self._site)
        answer = self._served or PlainTextResponse(_NOT_BUILT, status_code=503)
        await answer(scope, receive, send)
