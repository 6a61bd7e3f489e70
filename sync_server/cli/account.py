"""`zoufang account`: who may sign in."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

from rich.console import Console

from app.domain.codes import Role
from app.domain.errors import BadInput, UnknownCode
from sync_server.cli.data import open_to_fill, open_to_manage
from sync_server.db.engine import writing
from sync_server.records.accounts import create_account, move_account
from sync_server.state import unix_ms


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


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("密码：")
    if getpass.getpass("再输一次：") != first:
        raise BadInput("两次输入的密码不一样，没有建账号。请重新来一次。", field="password")
    return first
