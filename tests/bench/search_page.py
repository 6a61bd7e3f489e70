"""Stands in for main.py in the browser build: pulls a city's people and times the search without drawing.

What the page takes for a keystroke is mostly Flutter's drawing; this is the part that grows with the
number of people. Prints one line, `SEARCH {...}`, for `tests.bench.web` to read.
"""

import json
import time

import flet as ft

from app.state.session import Session, bootstrap
from app.store.account import signed_in_account
from app.sync.client import SyncClient
from app.sync.engine import sync_once

TYPED = ("z", "zj", "zjg", "l", "la", "lan", "w", "wu", "wuy", "周", "周建", "上坞", "上坞1", "8号", "1234")


async def main(page: ft.Page) -> None:
    page.add(ft.Text("搜索计时"))
    session = await bootstrap()
    assert isinstance(session, Session)
    origin = session.device.network.server_origin()
    assert origin is not None
    await session.sign_in("city", "zoufang", server=origin)
    account = signed_in_account(session.store)
    client = SyncClient(session.device.network.http_client(origin), account.token)
    await sync_once(session.store, client, now_ms=session.now_ms)
    index = session.index
    people = len(index.search())
    started = time.perf_counter()
    index.search("y")
    spelling_ms = 1000 * (time.perf_counter() - started)
    laps = []
    for _ in range(5):
        for text in TYPED:
            started = time.perf_counter()
            index.find(text)
            index.counts()
            laps.append(1000 * (time.perf_counter() - started))
    print("SEARCH " + json.dumps({"people": people, "laps": laps, "spelling": spelling_ms}))


ft.run(main)
