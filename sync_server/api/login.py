"""POST /v1/sign-in: a password once, and then the device's own token; POST /v1/device: a fresh id.

A sign-in with the token of a device adds the account to that device (a shared phone); POST /v1/sign-out
takes one off it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from app.domain.errors import BadInput
from sync_server.api.access import bearer_token, device_of
from sync_server.api.body import read_json
from sync_server.db.engine import reading, writing
from sync_server.records.accounts import DeviceRow, fresh_device, sign_in, sign_out
from sync_server.records.campaigns import campaign_in_force
from sync_server.records.judge import is_plain
from sync_server.records.organisations import villages_under
from sync_server.records.scope import ScopeRule, scoped
from sync_server.records.sealed import county_public_key
from sync_server.state import ServerState

_CHINA = timezone(timedelta(hours=8))
_NO_NUL = r"^[^\x00]*$"  # which PostgreSQL does not have
_NAMES = {"login": "账号", "password": "密码", "label": "设备名称"}


class Credentials(BaseModel):
    """`label` is how the device is called in the list of devices."""

    login: str = Field(min_length=1, max_length=64, pattern=_NO_NUL)
    password: str = Field(min_length=1, max_length=256)
    label: str = Field(default="", max_length=64, pattern=_NO_NUL)


def router(state: ServerState) -> APIRouter:
    """The sign-in route."""
    routes = APIRouter()

    @routes.post("/v1/sign-in")
    @scoped(ScopeRule.PUBLIC)
    async def sign_in_route(request: Request) -> dict[str, Any]:
        credentials = _credentials(await read_json(request))
        return await run_in_threadpool(_sign_in, state, credentials, bearer_token(request))

    @routes.post("/v1/device")
    @scoped(ScopeRule.OWN)
    async def device_route(request: Request) -> dict[str, str]:
        device = await device_of(request, state, takes_revoked=True)
        return await run_in_threadpool(_fresh_device, state, device)

    @routes.post("/v1/sign-out")
    @scoped(ScopeRule.OWN)
    async def sign_out_route(request: Request) -> dict[str, int]:
        device = await device_of(request, state, takes_revoked=True)
        said = await read_json(request)
        account, since_ms = said.get("account"), said.get("since")
        if not isinstance(account, str) or not account or not is_plain(account):
            raise BadInput("没有说要从这台设备上拿掉谁。请更新软件。", field="account")
        if type(since_ms) is not int:
            raise BadInput("没有说是哪一次登录。请更新软件。", field="since")
        return {"accounts": await run_in_threadpool(_sign_out, state, device, account, since_ms)}

    return routes


def _sign_out(state: ServerState, device: DeviceRow, account: str, since_ms: int) -> int:
    with writing(state.engine) as connection:
        return sign_out(connection, device, account, since_ms=since_ms, now_ms=state.now_ms())


def _fresh_device(state: ServerState, device: DeviceRow) -> dict[str, str]:
    with writing(state.engine) as connection:
        enrolment = fresh_device(connection, device, now_ms=state.now_ms())
    return {"device": enrolment.device.id, "token": enrolment.token}


def _credentials(said: dict[str, Any]) -> Credentials:
    try:
        return Credentials.model_validate(said)
    except ValidationError as fault:
        field = str(fault.errors()[0]["loc"][0])
        raise BadInput(f"登录没有填或填错了{_NAMES[field]}。请填写账号和密码。", field=field) from fault


def _sign_in(state: ServerState, credentials: Credentials, token: str) -> dict[str, Any]:
    now_ms = state.now_ms()
    enrolment = sign_in(
        state.engine,
        credentials.login,
        credentials.password,
        credentials.label,
        now_ms=now_ms,
        token=token,
    )
    account = enrolment.account
    owner = account.organisation
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(_CHINA).date()
    with reading(state.engine) as connection:
        villages = villages_under(connection, owner.path)
        campaign = campaign_in_force(connection, today)
        county_key = county_public_key(connection, owner.county)
    return {
        "device": enrolment.device.id,
        "token": enrolment.token,
        "account": {"id": account.id, "name": account.name, "role": account.role.value},
        "organisation": {"code": owner.code, "name": owner.name, "path": owner.path},
        "villages": [village.code for village in villages],
        "county_key": county_key,
        "campaign": campaign.model_dump(mode="json"),
        "time": now_ms,
    }
