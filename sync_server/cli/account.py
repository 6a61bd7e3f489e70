"""`zoufang account`: who may sign in, where, and with which password."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.domain.codes import Role
from app.domain.errors import BadInput, UnknownCode
from sync_server.cli.data import open_to_fill, open_to_manage
from sync_server.db.engine import reading, writing
from sync_server.records.accounts import (
    Account,
    account_of,
    create_account,
    list_accounts,
    set_password,
)
from sync_server.records.handover import hand_over
from sync_server.records.organisations import organisation
from sync_server.records.scope import scope_of
from sync_server.records.stations import move_account
from sync_server.state import unix_ms

_WIDE = 1000  # a table takes the width that it needs: a login that is cut cannot be typed


def add_account(*, login: str, org: str, role: str, name: str, data: Path | None) -> None:
    """Make an account; the password is asked for twice, or read from a pipe as one line."""
    if role not in Role.__members__:
        raise UnknownCode(f"没有角色“{role}”。现有：{'、'.join(Role.__members__)}。请换一个。", field="role")
    password = _password()
    with open_to_fill(data) as engine, writing(engine) as connection:
        account = create_account(
            connection,
            login,
            password,
            name=name,
            organisation_code=org,
            role=Role[role],
            now_ms=unix_ms(),
        )
    where = account.organisation
    Console().print(f"账号 {account.login} 已建好：{account.role.label}，{where.name}（{where.code}）。")


def move(login: str, *, org: str, data: Path | None) -> None:
    """Let an account work at another station; what it did at the old one stays right."""
    with writing(open_to_manage(data)) as connection:
        account = move_account(connection, login, org)
    where = account.organisation
    Console().print(f"账号 {account.login} 现在属于 {where.name}（{where.code}）。手机下次传送时换成新名单。")


def hand_over_station(leaving: str, *, to: str, revoke: bool, data: Path | None) -> None:
    """Let another account take over the station of one who leaves, with its roster and open work."""
    with writing(open_to_manage(data)) as connection:
        done = hand_over(connection, leaving, to, revokes=revoke, now_ms=unix_ms())
    where = done.station
    said = (
        f"{where.name}（{where.code}）已交给账号 {to}：名册 {done.people} 人，"
        f"没办完的困难 {done.open_needs} 件，待看 {done.waiting} 条。"
        "新手机登录后就有；旧手机没传完的先联网传完。"
    )
    if done.revoked:
        said += f"停用了 {len(done.revoked)} 台设备，它们没传完的仍会收下，交审核员处理。"
    if done.shared:
        said += f"{len(done.shared)} 台合用的设备没有停用。"
    Console().print(escape(said), soft_wrap=True)


def change_password(login: str, *, data: Path | None) -> None:
    """Give an account that exists another password, asked for as in `add_account`."""
    engine = open_to_manage(data)
    with reading(engine) as connection:
        account_of(connection, login)  # nobody types a password twice to hear that there is no account
    password = _password()
    with writing(engine) as connection:
        account = set_password(connection, login, password)
    Console().print(
        f"账号 {escape(account.login)}（{escape(account.name)}）的密码已改，现在就能登录。"
        "已经登录的设备不受影响；手机丢了另用 zoufang device revoke 停用。",
        soft_wrap=True,
    )


def print_accounts(*, org: str | None, data: Path | None, as_json: bool) -> None:
    """List the accounts of an organisation and those below it, or all, from above down."""
    with reading(open_to_manage(data)) as connection:
        scope = scope_of(organisation(connection, org)) if org else None
        found = list_accounts(connection, scope)
    if as_json:
        print(json.dumps([_as_json(account) for account in found], ensure_ascii=False, indent=2))
        return
    if not found:
        Console().print("没有账号。")
        return
    table = Table("账号", "姓名", "角色", "单位代码", "单位")
    for account in found:
        where = account.organisation
        # what people are called is text, no markup
        names = (account.login, account.name, account.role.label, where.code, where.name)
        table.add_row(*(escape(name) for name in names))
    Console(width=_WIDE).print(table)


def _as_json(account: Account) -> dict[str, str]:
    return {
        "login": account.login,
        "name": account.name,
        "role": account.role.value,
        "organisation": account.organisation.code,
    }


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("密码：")
    if getpass.getpass("再输一次：") != first:
        raise BadInput("两次输入的密码不一样，什么也没有改。请重新来一次。", field="password")
    return first
