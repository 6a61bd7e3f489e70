"""`zoufang demo`: the invented city, the phone app and a server on this machine, and what to try."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from app.domain.errors import BadInput, BuildFailed, Unavailable
from app.domain.reasons import os_reason
from sync_server.assets import divisions
from sync_server.cli.port import demand_free_port
from sync_server.demo.accounts import ACCOUNTS, PASSWORD
from sync_server.demo.city import SIZES, Part
from sync_server.demo.places import UNITS
from sync_server.demo.plant import CAMPAIGN, Planted, plant
from sync_server.pwa.build import build_web
from sync_server.settings import Settings

_STEPS = (
    "手机浏览器（或把窗口缩窄）打开手机端，用 village 登录，等名册出来",
    "断开网络（浏览器开发者工具：网络 → 离线；或按 Ctrl+C 停掉本服务）",
    "搜“zjg”，找到在杭州的周建国，记一次视频走访，保存：显示“存在本机”",
    "关掉页面再打开，记录还在；联网（或再运行一次本命令），显示“市里已收到”",
    "看板里打开桃源村、东坑镇、景宁县和全市的汇总表：各多了一人次",
)


def run_demo(
    *, size: str, data: Path | None, port: int, seed: int, serve: bool, today: date | None = None
) -> None:
    """Make the city (or find it), build the phone app if need be, print the accounts, then serve.

    Raises BadInput, and changes nothing, for an unknown size, a day that the city cannot have, a
    port in use, or a data folder whose database is not a demo's.
    """
    console = Console()
    settings = _settings(data, port)
    if serve:
        demand_free_port(settings.host, port)
    planted = _plant(console, settings, size=size, seed=seed, today=today)
    planted.engine.dispose()
    has_app = _build_app(console) if serve else False
    _print_accounts(console, settings, has_app=has_app, serve=serve, data=data)
    if serve:
        from sync_server.cli.serve import run_server

        run_server(data=data, host=settings.host, port=port)


def _settings(data: Path | None, port: int) -> Settings:
    folder = data or Settings.from_environment().data
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise BadInput(
            f"数据文件夹 {folder} 建不了（{os_reason(fault)}）。请用 --data 换一个文件夹。", field="data"
        ) from fault
    return Settings.at(folder, port=port)


def _plant(console: Console, settings: Settings, *, size: str, seed: int, today: date | None) -> Planted:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        wanted = SIZES.get(size)
        total = wanted.people + wanted.visits if wanted else None
        task = progress.add_task("造一座虚构的城市：名册与走访", total=total)

        def note(part: Part) -> None:
            progress.advance(task, sum(change.entity != "need" for change in part.changes))

        planted = plant(settings.database_url, size=size, seed=seed, today=today, on_part=note)
    said = "沿用上次造好的城市" if planted.is_reused else "城市造好了"
    console.print(
        f"{said}：9 个县（市、区）、173 个乡镇（街道）、{len(UNITS)} 家直属单位，"
        f"{SIZES[size].people:,} 条名册、{SIZES[size].visits:,} 次走访（{planted.today}，全部虚构）"
    )
    return planted


def _build_app(console: Console) -> bool:
    """The phone app in the browser; a machine that cannot build it still gets the dashboard."""
    try:
        with console.status("正在组装手机端（只有第一次要等，约一分钟）……"):
            report = build_web()
    except (BuildFailed, Unavailable) as fault:
        console.print(f"[yellow]手机端没有组装成：{fault.sentence}\n看板照常可用。[/yellow]")
        return False
    console.print("手机端已就绪" if report.is_reused else f"手机端组装好了（{report.seconds} 秒）")
    return True


def _print_accounts(
    console: Console, settings: Settings, *, has_app: bool, serve: bool, data: Path | None
) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("账号", "密码", "谁", "单位"):
        table.add_column(title)
    names = {unit.code: unit.name for unit in UNITS}
    for account in ACCOUNTS:
        where = names.get(account.organisation) or divisions().path(account.organisation)
        table.add_row(Text(account.login, "bold"), PASSWORD, f"{account.seat} {account.name}", where)
    origin = f"http://{settings.host}:{settings.port}"
    console.print(Panel(table, title="演示账号（只用于演示）", expand=False))
    if not serve:
        folder = f" --data {data}" if data else ""
        # soft_wrap: what is to be copied must not be broken by the terminal's edge
        console.print("手机端：zoufang build-web（先组装，第一次约一分钟）", highlight=False)
        console.print(f"启动：zoufang serve{folder} --port {settings.port}", soft_wrap=True)
        console.print(f"汇总表：zoufang report {CAMPAIGN} --org 3311{folder}", soft_wrap=True)
        return
    console.print(f"手机端  {origin}/app/" if has_app else "手机端  （没有组装）", highlight=False)
    console.print(f"看板    {origin}/", highlight=False)
    console.print("\n试一试：")
    for number, step in enumerate(_STEPS, start=1):
        console.print(f"  {number}. {step}", highlight=False)
    console.print("\n按 Ctrl+C 停止。\n")
