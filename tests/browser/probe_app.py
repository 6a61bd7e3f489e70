"""A page that tries what the browser build promises: a row that lasts, imports, requests, rare characters.

Stands in for main.py in the tests of the build, so that these do not hang on the app's screens. Its
Text controls are read by the tests through the accessibility tree.
"""

import sqlite3
import time

import flet as ft

from app.device import current_device
from app.device.ports import Device

RARE = "𠅤𬱖𫖯 珅喆㐂龘䶮"
PRAGMAS = ("journal_mode = TRUNCATE", "synchronous = FULL", "temp_store = MEMORY", "locking_mode = EXCLUSIVE")


def open_database(device: Device) -> sqlite3.Connection:
    connection = sqlite3.connect(device.files.data_path(), isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE IF NOT EXISTS names (name TEXT NOT NULL) STRICT")
    return connection


async def main(page: ft.Page) -> None:  # noqa: PLR0915 (a list of probes, each a few lines)
    device = current_device()
    mounted = await device.files.mount_durable()
    page.title = "探针"
    page.add(
        ft.Text(f"存储 {mounted}"), ft.Text(RARE, size=36), ft.Text(RARE, size=36, weight=ft.FontWeight.BOLD)
    )
    if mounted == "busy":

        async def take_over(_: ft.Event[ft.Button]) -> None:
            page.clean()
            await main(page)

        page.add(ft.Button("在这里用", on_click=take_over))
        return
    journal = device.files.data_path().with_name(f"{device.files.data_path().name}-journal")
    page.add(ft.Text(f"日志 {journal.stat().st_size if journal.exists() else 0}"))
    database = open_database(device)
    names = ft.Text()
    answers = ft.Text("还没有问")
    events = ft.Text("事件 0")
    heard: list[str] = []

    def show_names() -> None:
        rows = database.execute("SELECT name FROM names ORDER BY rowid").fetchall()
        names.value = "已存 " + "、".join(name for (name,) in rows)

    def save(_: ft.Event[ft.Button]) -> None:
        started = time.perf_counter()
        database.execute("INSERT INTO names (name) VALUES (?)", [field.value])
        print(f"PROBE save {1000 * (time.perf_counter() - started):.1f} ms")
        show_names()
        page.update()

    def damage(_: ft.Event[ft.Button]) -> None:
        """Leave a transaction half written, as a kill in the middle of a large one would."""
        database.execute("PRAGMA cache_size = 2")
        database.execute("PRAGMA cache_spill = 1")
        database.execute("BEGIN")
        database.execute("DELETE FROM names")
        database.executemany("INSERT INTO names (name) VALUES (?)", [[f"半条{i}" * 50] for i in range(2000)])
        answers.value = "写到一半"
        page.update()

    def fill_up(_: ft.Event[ft.Button]) -> None:
        try:
            database.execute("INSERT INTO names (name) VALUES (hex(zeroblob(4000000)))")
        except sqlite3.OperationalError as error:
            answers.value = f"没写进 {error}"
        show_names()
        page.update()

    def load(_: ft.Event[ft.Button]) -> None:
        taken = []
        for module in ("sqlite_utils", "pydantic", "pypinyin", "httpx"):
            started = time.perf_counter()
            imported = __import__(module)
            taken.append(f"{module} {round(1000 * (time.perf_counter() - started))}")
            if module == "pypinyin":
                taken.append("".join(imported.lazy_pinyin("诸葛喆", style=imported.Style.FIRST_LETTER)))
        print("PROBE import", taken)
        answers.value = "已装 " + "、".join(taken)
        page.update()

    async def ask(_: ft.Event[ft.Button]) -> None:
        import httpx

        origin = device.network.server_origin()
        assert origin is not None
        async with device.network.http_client(origin) as client:
            sent = bytes(range(256)) * 1000
            try:
                echo = await client.post("/v1/echo", content=sent, headers={"authorization": "Bearer x"})
                answers.value = f"回答 {echo.status_code} {echo.json()}"
            except httpx.ConnectError:
                answers.value = "连不上"
            try:
                await client.get("/v1/slow", timeout=0.2)
            except httpx.TimeoutException:
                answers.value += " 超时"
            except httpx.ConnectError:
                answers.value += " 连不上"
        page.update()

    def hear(event: str) -> None:
        heard.append(event)
        events.value = f"事件 {'、'.join(heard)} {device.network.is_online()}"
        page.update()

    field = ft.TextField(label="姓名")
    device.network.attach(page)
    device.network.on_online(lambda: hear("有网"))
    device.network.on_resume(lambda: hear("回来"))
    show_names()
    page.add(
        field,
        ft.Button("保存", on_click=save),
        ft.Button("写一半", on_click=damage),
        ft.Button("写满", on_click=fill_up),
        ft.Button("装载", on_click=load),
        ft.Button("问服务器", on_click=ask),
        names,
        answers,
        events,
    )


ft.run(main)
