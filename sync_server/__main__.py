"""The `zoufang` command. A wrong input ends in one sentence and exit code 2, never in a traceback."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from app.domain.errors import ZoufangError
from sync_server.cli.help import Commands
from sync_server.cli.usage import usage_sentence

cli = Commands("走访 Zoufang：服务端命令")
roster_cli = Commands("名册：检查与导入")
account_cli = Commands("账号：新建、换单位、改密码、列出")
device_cli = Commands("设备：列出与停用")
media_cli = Commands("照片和视频：核对原件")
cli.add_typer(roster_cli, name="roster")
cli.add_typer(account_cli, name="account")
cli.add_typer(device_cli, name="device")
cli.add_typer(media_cli, name="media")

Data = Annotated[Path | None, typer.Option(help="数据文件夹（默认 var，或环境变量 ZOUFANG_DATA）")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON")]


@cli.command()
def demo(
    *,
    size: Annotated[str, typer.Option(help="small 或 lishui（75,000 人、120,000 次走访）")] = "small",
    data: Data = None,
    port: Annotated[int, typer.Option()] = 8000,
    seed: Annotated[int, typer.Option(help="同一个种子造出同一座城")] = 2022,
    serve: Annotated[bool, typer.Option(help="造好后启动服务")] = True,
    today: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="活动最后一周里的哪一天（默认今天）")
    ] = None,
) -> None:
    """造一座虚构的城市，然后在本机启动服务并打印账号。"""
    from sync_server.cli.demo import run_demo

    day = today.date() if today else None
    run_demo(size=size, data=data, port=port, seed=seed, serve=serve, today=day)


@cli.command()
def serve(
    data: Data = None,
    host: Annotated[str | None, typer.Option(help="默认 127.0.0.1，或环境变量 ZOUFANG_HOST")] = None,
    port: Annotated[int | None, typer.Option(help="默认 8000，或环境变量 ZOUFANG_PORT")] = None,
) -> None:
    """启动服务。"""
    from sync_server.cli.serve import run_server

    run_server(data=data, host=host, port=port)


@roster_cli.command("check")
def roster_check(
    file: Path,
    json: Json = False,
    township: Annotated[str | None, typer.Option(help="乡镇代码，名册标题里没写时用")] = None,
) -> None:
    """逐行说出从名册里读懂了什么；不存任何东西。"""
    from sync_server.cli.roster import check

    check(file, as_json=json, township=township)


@roster_cli.command("import")
def roster_import(
    file: Path,
    data: Data = None,
    json: Json = False,
    township: Annotated[str | None, typer.Option(help="乡镇代码，名册标题里没写时用")] = None,
) -> None:
    """把名册存进数据库：要么全部，要么一行不动；重复导入没有影响。"""
    from sync_server.cli.roster import import_file

    import_file(file, data=data, as_json=json, township=township)


@cli.command()
def report(
    campaign: str,
    org: Annotated[str, typer.Option(help="单位代码：3311、331121、331121209 ……")],
    out: Annotated[Path | None, typer.Option(help="写成 .xlsx")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """情况汇总表：人、人次、户在每一级各自重新计算。"""
    from sync_server.cli.report import run_report

    run_report(campaign=campaign, org=org, out=out, data=data, as_json=json)


@cli.command()
def export(
    campaign: str,
    out: Annotated[Path, typer.Option(help="输出文件夹")],
    org: Annotated[str, typer.Option(help="只导出这个单位及下级")] = "3311",
    data: Data = None,
) -> None:
    """每种记录一个 CSV，表头有说明，任何人都可以重算。"""
    from sync_server.cli.export import run_export

    run_export(campaign=campaign, out=out, org=org, data=data)


@account_cli.command("add")
def account_add(
    login: str,
    org: Annotated[str, typer.Option(help="单位代码")],
    role: Annotated[str, typer.Option(help="RECORDER、REVIEWER、COUNTY_CLERK、CITY_ANALYST、UNIT_LIAISON")],
    name: str = "",
    data: Data = None,
) -> None:
    """新建账号；密码从键盘输入。"""
    from sync_server.cli.account import add_account

    add_account(login=login, org=org, role=role, name=name, data=data)


@account_cli.command("move")
def account_move(
    login: str, org: Annotated[str, typer.Option(help="新单位的代码")], data: Data = None
) -> None:
    """账号换单位；在原单位做完还没传的记录照样收下。"""
    from sync_server.cli.account import move

    move(login, org=org, data=data)


@account_cli.command("handover")
def account_handover(
    login: str,
    to: Annotated[str, typer.Option(help="接手的账号")],
    *,
    revoke: Annotated[bool, typer.Option("--revoke", help="同时停用交出的人自己的设备")] = False,
    data: Data = None,
) -> None:
    """把一个站的名册和没办完的事交给另一个账号；原来做的都照样算。"""
    from sync_server.cli.account import hand_over_station

    hand_over_station(login, to=to, revoke=revoke, data=data)


@account_cli.command("password")
def account_password(login: str, data: Data = None) -> None:
    """改密码：有人忘了，或连续输错在等；新密码从键盘输入，已登录的设备不受影响。"""
    from sync_server.cli.account import change_password

    change_password(login, data=data)


@account_cli.command("list")
def account_list(
    org: Annotated[str | None, typer.Option(help="只列这个单位及下级的")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """有哪些账号，从上级到下级。"""
    from sync_server.cli.account import print_accounts

    print_accounts(org=org, data=data, as_json=json)


@device_cli.command("list")
def device_list(
    org: Annotated[str | None, typer.Option(help="只列这个单位及下级的")] = None,
    login: Annotated[str | None, typer.Option(help="只列这个账号的")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """登录过的设备，最近联系的在前。"""
    from sync_server.cli.device import print_devices

    print_devices(org=org, login=login, data=data, as_json=json)


@device_cli.command("revoke")
def device_revoke(device: Annotated[str, typer.Argument(help="设备编号")], data: Data = None) -> None:
    """停用一台设备，例如丢失的手机；它没传完的记录仍会收下，交审核员处理。"""
    from sync_server.cli.device import revoke

    revoke(device, data=data)


@media_cli.command("verify")
def media_verify(data: Data = None, json: Json = False) -> None:
    """把照片库里的每个文件重新算一遍，列出缺的和坏的；有就以 1 退出。"""
    from sync_server.cli.media import verify

    verify(data=data, as_json=json)


@cli.command("restore-mark")
def restore_mark(data: Data = None) -> None:
    """数据库从备份恢复以后运行一次：手机会补传备份之后的记录。"""
    from sync_server.cli.restore_mark import mark_restored

    mark_restored(data=data)


@cli.command("build-web")
def build_web(
    out: Annotated[Path | None, typer.Option(help="输出文件夹（默认 build/web）")] = None,
) -> None:
    """组装浏览器里运行的手机端。"""
    from sync_server.cli.build_web import run_build

    run_build(out)


def main() -> None:
    try:
        # Not standalone: Typer would word a wrong command in English by itself.
        code = cli(standalone_mode=False)
    except (ZoufangError, TyperException) as fault:
        sentence = fault.sentence if isinstance(fault, ZoufangError) else usage_sentence(fault)
        if sentence:
            print(sentence, file=sys.stderr)
        sys.exit(2)
    except Abort:
        sys.exit(130)  # as a shell says of what Ctrl+C ended
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
