"""Accounts and devices: who may sign in, and with which token a device speaks afterwards.

Passwords are passwords.py's, moves to another station moves.py's. A token is random and kept only as
its SHA-256, so a stolen database opens nothing. Each sign-in makes a device of its own, which can be
revoked alone, unless it comes with the token of a device, which then is shared: it may hold what any of
its accounts may see, and each Change is judged by the account that made it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Connection, Engine, Row, Select, bindparam, delete, insert, select, update

from app.domain.codes import OrgKind, Role
from app.domain.errors import BadInput, NotSignedIn, UnknownCode
from app.domain.ids import Entropy, new_id
from sync_server.db.engine import (
    insert_missing,
    reading,
    upsert,
    writing,
    written_together,
)
from sync_server.db.tables import (
    accounts,
    device_accounts,
    devices,
    organisations,
)
from sync_server.records import passwords
from sync_server.records.organisations import Organisation, organisation
from sync_server.records.scope import KINDS_OF_ROLE, Scope, scope_of, united

_SEEN_EVERY_MS = 60_000
_WRONG = "账号或密码不对。请核对后再试；忘了密码请找上级管理员。"


@dataclass(frozen=True, slots=True)
class Account:
    """Who signs in, and for which organisation."""

    id: str
    login: str
    name: str
    role: Role
    organisation: Organisation

    @property
    def scope(self) -> Scope:
        return scope_of(self.organisation)


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """An enrolled device. `actors` are the accounts whose Changes it may carry.

    `scope` is what it may hold; `scopes` what each of its actors may see and write, where it has more
    than one. `is_revoked`: it may only send, into quarantine.
    """

    id: str
    county: str
    account: Account | None  # who signed in on it first; None for the server's own importers
    scope: Scope
    actors: frozenset[str]
    is_revoked: bool = False
    scopes: Mapping[str, Scope] = field(default_factory=dict)

    def scope_of(self, actor: str) -> Scope:
        """What this one of its actors may see and write."""
        return self.scopes.get(actor, self.scope)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """`account` has just signed in on `device`; a new device's `token` is told once and never kept."""

    device: DeviceRow
    token: str
    account: Account


def create_account(
    connection: Connection,
    login: str,
    password: str,
    *,
    name: str,
    organisation_code: str,
    role: Role,
    now_ms: int,
    hasher: PasswordHasher | None = None,
    entropy: Entropy = os.urandom,
) -> Account:
    """Keep a new account; raises BadInput for a taken login or a role that does not fit, UnknownCode.

    `hasher` is for demonstrations that make thousands; everyone else leaves the library's parameters.
    """
    login = login.strip()
    if not 1 <= len(login) <= 64 or not passwords.is_long_enough(password) or len(name) > 64:
        sentence = "账号要 1 至 64 个字，密码要 6 至 256 个字，姓名不超过 64 个字。请改后再试。"
        raise BadInput(sentence, field="login")
    owner = station_for(connection, organisation_code, role)
    if connection.execute(select(accounts.c.id).where(accounts.c.login == login)).first():
        raise BadInput(f"账号 {login} 已经有了。请换一个。", field="login")
    made = Account(new_id(now_ms, entropy), login, name or login, role, owner)
    connection.execute(
        insert(accounts).values(
            id=made.id,
            login=login,
            name=made.name,
            organisation=owner.code,
            role=role.value,
            password_hash=passwords.hashed(password, hasher),
            created_at=now_ms,
        )
    )
    return made


def set_password(connection: Connection, login: str, password: str) -> Account:
    """Let the account sign in with `password` from now on, and at once: failed attempts are forgotten.

    What is signed in stays so: a forgotten password is no lost device. Raises UnknownCode, or BadInput for
    a password that is too short or too long.
    """
    account = account_of(connection, login)
    if not passwords.is_long_enough(password):
        raise BadInput("密码要 6 至 256 个字，没有改。请换一个再试。", field="password")
    here = accounts.c.id == account.id
    connection.execute(update(accounts).where(here).values(password_hash=passwords.hashed(password)))
    passwords.forget_attempts(connection, account.login)
    return account


def account_of(connection: Connection, login: str) -> Account:
    """The account that signs in as `login`; raises UnknownCode."""
    row = connection.execute(_ACCOUNT.where(accounts.c.login == login.strip())).first()
    if row is None:
        sentence = f"没有账号 {login[:64]}。请用 zoufang account list 查账号。"
        raise UnknownCode(sentence, field="login")
    return _account(row)


def list_accounts(connection: Connection, scope: Scope | None = None) -> list[Account]:
    """The accounts of `scope`, or all: by organisation, from above down, then by login."""
    query = _ACCOUNT.order_by(organisations.c.path, accounts.c.login)
    found = (_account(row) for row in connection.execute(query))
    return [account for account in found if scope is None or scope.holds(account.organisation.path)]


def station_for(connection: Connection, code: str, role: Role) -> Organisation:
    """The organisation of this code, if an account of `role` can have it as its station; raises UnknownCode,
    BadInput."""
    owner = organisation(connection, code)
    if owner.kind not in KINDS_OF_ROLE[role]:
        sentence = f"单位 {owner.code} 是{owner.kind.label}，不能有{role.label}。请换单位或角色。"
        raise BadInput(sentence, field="role")
    return owner


def sign_in(
    engine: Engine,
    login: str,
    password: str,
    label: str,
    *,
    now_ms: int,
    token: str = "",
    entropy: Entropy = os.urandom,
) -> Enrolment:
    """Check the password and enrol a new device called `label`.

    With the `token` of a device that is in use the account is enrolled on that device instead, beside
    those that are on it (a shared phone); any other token makes no difference. Raises NotSignedIn in the
    same words for a wrong login and a wrong password, and TooManyAttempts while the login has to wait. The
    slow hash holds no lock; an attempt counts as failed before it is checked, or a thousand sent at once
    would all be free.
    """
    login = login.strip()[:64]
    with writing(engine) as connection:
        passwords.count_attempt(connection, login, now_ms)
        query = _ACCOUNT.add_columns(accounts.c.password_hash).where(accounts.c.login == login)
        row = connection.execute(query).first()
    if not passwords.is_right(row.password_hash if row is not None else None, password) or row is None:
        raise NotSignedIn(_WRONG)
    with writing(engine) as connection:
        passwords.forget_attempts(connection, login)
        account = _account(row)
        shared = _device(connection, _BY_TOKEN, _hash(token))[0] if token else None
        if shared is None or shared.is_revoked:
            return enrol_device(connection, account, label, now_ms=now_ms, entropy=entropy)
        _enrol(connection, shared.id, {account.id}, now_ms=now_ms)
        device, _ = _device(connection, _BY_ID, shared.id)
        assert device is not None
        return Enrolment(device, token, account)


def enrol_device(
    connection: Connection, account: Account, label: str, *, now_ms: int, entropy: Entropy = os.urandom
) -> Enrolment:
    """A new device of `account` with a fresh token."""
    device_id = new_id(now_ms, entropy)
    token = secrets.token_urlsafe(32)
    county = account.organisation.county
    _keep_device(
        connection,
        device_id,
        account=account.id,
        county=county,
        label=label[:64],
        token_hash=_hash(token),
        now_ms=now_ms,
    )
    device = DeviceRow(device_id, county, account, account.scope, frozenset({account.id}))
    return Enrolment(device, token, account)


def fresh_device(connection: Connection, device: DeviceRow, *, now_ms: int) -> Enrolment:
    """A device whose numbers are unused, with the accounts and the name of `device`, revoked if that is.

    For a phone restored from a copy or cloned (P2); the old id and its token stay good, since on a clone
    the other phone goes on under them.
    """
    assert device.account is not None, "an importer has no token"
    which = devices.c.id == device.id
    old = connection.execute(select(devices.c.label, devices.c.revoked_at).where(which)).one()
    made = enrol_device(connection, device.account, old.label, now_ms=now_ms)
    for account, at_ms in _enrolled_on(connection, device.id).items():
        _enrol(connection, made.device.id, {account}, now_ms=at_ms)
    if old.revoked_at is not None:
        revoke_device(connection, made.device.id, now_ms=old.revoked_at)
    return made


def stand_in_for(connection: Connection, device: DeviceRow, which: int, *, now_ms: int) -> DeviceRow:
    """The server's own device number `which` for carried work of `device` whose numbers are spent, made on
    first use, with the accounts of `device` and revoked if that is. Nobody has its token.
    """
    made = replace(device, id=f"{device.id}~{which}")
    assert device.account is not None, "an importer's work is not carried"
    _keep_device(
        connection,
        made.id,
        account=device.account.id,
        county=device.county,
        label="交接",
        token_hash=f"none:{made.id}",
        now_ms=now_ms,
    )
    _enrol(connection, made.id, device.actors, now_ms=now_ms)
    if device.is_revoked:
        revoke_device(connection, made.id, now_ms=now_ms)
    return made


def sign_out(
    connection: Connection, device: DeviceRow, account_id: str, *, since_ms: int, now_ms: int
) -> int:
    """Take the account off the device; gives how many are left there.

    Nothing for one that is not there, or has signed in there after `since_ms`, the `time` of the sign-in
    that is to end: a request that was long under way must not end a later one.

    What the device may hold shrinks with its next request. Whoever of the others was there first is whose
    device it counts as from now on. The last one stays on it and the device is switched off: nobody speaks
    on it any more, and what it may yet send waits for a reviewer.
    """
    which = devices.c.id == device.id
    connection.execute(select(devices.c.id).where(which).with_for_update())
    enrolled = _enrolled_on(connection, device.id)
    others = [one for one in enrolled if one != account_id]
    if enrolled.get(account_id, since_ms + 1) > since_ms:
        return len(enrolled)
    if not others:
        revoke_device(connection, device.id, now_ms=now_ms)
        return 0
    is_his = (device_accounts.c.device == device.id) & (device_accounts.c.account == account_id)
    connection.execute(delete(device_accounts).where(is_his))
    was_first = which & (devices.c.account == account_id)
    connection.execute(update(devices).where(was_first).values(account=others[0]))
    return len(others)


def importer(connection: Connection, device_id: str, owner: Organisation, *, now_ms: int) -> DeviceRow:
    """The server's own device for imports into `owner`'s subtree, made on first use; nobody has its token."""
    # A token's hash is 64 hexadecimal digits, so this text is nobody's.
    _keep_device(
        connection,
        device_id,
        account="",
        county=owner.county,
        label=device_id,
        token_hash=f"none:{device_id}",
        now_ms=now_ms,
    )
    return DeviceRow(device_id, owner.county, None, scope_of(owner), frozenset({device_id}))


def desk_of(connection: Connection, account: Account, *, now_ms: int) -> DeviceRow:
    """The server's own device for what `account` decides on a page, made on first use, locked until commit.

    Nobody has its token: the number of the next Change is the server's to give.
    """
    device_id, county = f"desk:{account.id}", account.organisation.county
    _keep_device(
        connection,
        device_id,
        account=account.id,
        county=county,
        label="待看",
        token_hash=f"none:{device_id}",
        now_ms=now_ms,
    )
    connection.execute(select(devices.c.id).where(devices.c.id == device_id).with_for_update())
    return DeviceRow(device_id, county, account, account.scope, frozenset({account.id}))


def authenticate(engine: Engine, token: str, *, now_ms: int, takes_revoked: bool = False) -> DeviceRow:
    """The device that `token` belongs to; raises NotSignedIn if none does or it was revoked.

    `takes_revoked`: a revoked device is given too, for its unsent work (P11).
    """
    with reading(engine) as connection:
        device, last_seen_at = _device(connection, _BY_TOKEN, _hash(token))
    if device is None:
        raise NotSignedIn("登录已失效，请重新登录。本机的记录都在。")
    if device.is_revoked and not takes_revoked:
        raise NotSignedIn("这台设备已被停用，请联系上级管理员。本机的记录都在。", field="device")
    if last_seen_at is None or now_ms - last_seen_at > _SEEN_EVERY_MS:
        written_together(engine, _note_seen, {"seen": device.id, "at": now_ms})
    return device


def _note_seen(connection: Connection, seen: list[dict[str, Any]]) -> list[None]:
    connection.execute(_SEEN, seen)
    return [None for _ in seen]


_SEEN = update(devices).where(devices.c.id == bindparam("seen")).values(last_seen_at=bindparam("at"))


def _device(connection: Connection, query: Select[Any], wanted: str) -> tuple[DeviceRow | None, int | None]:
    """The device that `query` finds by `wanted`, and when it was last seen."""
    rows = connection.execute(query, {"wanted": wanted}).all()
    if not rows:
        return None, None
    found = {row.id: _account(row) for row in rows}
    scopes = {name: account.scope for name, account in found.items()}
    first = rows[0]
    device = DeviceRow(
        first.device_id,
        first.device_county,
        found[first.first_account],
        united(scopes.values()),
        frozenset(found),
        is_revoked=first.revoked_at is not None,
        scopes=scopes if len(scopes) > 1 else {},
    )
    return device, first.last_seen_at


def device_by_id(connection: Connection, device_id: str, *, county: str, path: str) -> DeviceRow:
    """The device by its id, whether or not its token is good, with what its accounts may see today.

    One that has no account, the server's own importer, is one of `county` for the subtree of `path`.
    """
    device, _ = _device(connection, _BY_ID, device_id)
    return device or DeviceRow(device_id, county, None, Scope((path,)), frozenset({device_id}))


@dataclass(frozen=True, slots=True)
class ProvingDevice:
    """A device by which relayed work is proved, and what its clock lacked when it last spoke itself."""

    device: DeviceRow
    token_digest: str
    offset_ms: int


def device_to_prove(connection: Connection, device_id: str) -> ProvingDevice | None:
    """The device of this id; None for an unknown one and for the server's own.

    Nobody has a token of those, and what they have in place of its hash can be guessed: it proves nothing.
    """
    device, _ = _device(connection, _BY_ID, device_id)
    if device is None:
        return None
    kept = select(devices.c.token_hash, devices.c.offset_ms).where(devices.c.id == device_id)
    row = connection.execute(kept).one()
    if row.token_hash.startswith("none:"):
        return None
    return ProvingDevice(device, row.token_hash, row.offset_ms)


def revoke_device(connection: Connection, device_id: str, *, now_ms: int) -> None:
    """From now on the device gets nothing, and what it sends waits for a reviewer. Repeating it keeps the
    first time."""
    still_valid = (devices.c.id == device_id) & devices.c.revoked_at.is_(None)
    connection.execute(update(devices).where(still_valid).values(revoked_at=now_ms))


def have_of(connection: Connection, device_id: str) -> int:
    """The highest gap-free seq held of the device."""
    return int(connection.execute(_HAVE, {"device_": device_id}).scalar_one())


_HAVE = select(devices.c.have).where(devices.c.id == bindparam("device_"))


_ORG_COLUMNS = {name: organisations.c[name].label(f"org_{name}") for name in organisations.c.keys()}  # noqa: SIM118
_ACCOUNT = select(
    accounts.c.id, accounts.c.login, accounts.c.name, accounts.c.role, *_ORG_COLUMNS.values()
).join(organisations, organisations.c.code == accounts.c.organisation)


_DEVICE = (  # a row for each account that has signed in on it
    _ACCOUNT.add_columns(
        devices.c.id.label("device_id"),
        devices.c.county.label("device_county"),
        devices.c.account.label("first_account"),
        devices.c.revoked_at,
        devices.c.last_seen_at,
    )
    .join(device_accounts, device_accounts.c.account == accounts.c.id)
    .join(devices, devices.c.id == device_accounts.c.device)
)
_BY_TOKEN = _DEVICE.where(devices.c.token_hash == bindparam("wanted"))
_BY_ID = _DEVICE.where(devices.c.id == bindparam("wanted"))


def _account(row: Row[Any]) -> Account:
    owner: dict[str, Any] = {name: row._mapping[f"org_{name}"] for name in _ORG_COLUMNS}
    return Account(
        row.id, row.login, row.name, Role[row.role], Organisation(**{**owner, "kind": OrgKind[owner["kind"]]})
    )


def _keep_device(
    connection: Connection,
    device_id: str,
    *,
    account: str,
    county: str,
    label: str,
    token_hash: str,
    now_ms: int,
) -> None:
    row = {
        "id": device_id,
        "account": account,
        "county": county,
        "label": label,
        "token_hash": token_hash,
        "created_at": now_ms,
        "offset_ms": 0,
        "last_effective": 0,
        "have": 0,
    }
    insert_missing(connection, devices, [row])
    _enrol(connection, device_id, {account} if account else set(), now_ms=now_ms)


def _enrol(connection: Connection, device_id: str, who: Iterable[str], *, now_ms: int) -> None:
    """Let the accounts `who` speak on the device, from `now_ms` on as far as `sign_out` is concerned."""
    rows = [{"device": device_id, "account": account, "enrolled_at": now_ms} for account in sorted(who)]
    upsert(connection, device_accounts, rows)


def _enrolled_on(connection: Connection, device_id: str) -> dict[str, int]:
    """The accounts of the device and when each last signed in on it, the earliest first."""
    query = select(device_accounts.c.account, device_accounts.c.enrolled_at).where(
        device_accounts.c.device == device_id
    )
    found = query.order_by(device_accounts.c.enrolled_at, device_accounts.c.account)
    return {row.account: row.enrolled_at for row in connection.execute(found)}


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
