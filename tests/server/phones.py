"""A phone as the server's tests need it: it numbers its Changes and speaks the protocol, nothing else.

Answers are decoded with the phone's own `decode_answer`. Requests go through the whole application
by httpx, on an event loop of their own. All people are invented.
"""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI

from app.domain.change import Change, Kind
from app.domain.stamp import hlc_of
from app.domain.wire import Answer, SyncHeader, decode_answer, encode_request
from tests.fakes import NOON, FakeClock

PASSWORD = "walk-and-visit"
NDJSON = "application/x-ndjson"


def ask(app: FastAPI, method: str, path: str, **more: Any) -> httpx.Response:
    """One request to `app`; an unforeseen error is answered as the server would answer it."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://server.test") as client:
            return await client.request(method, path, **more)

    return asyncio.run(send())


@dataclass
class Phone:
    """A signed-in phone of one account."""

    app: FastAPI
    clock: FakeClock
    device: str
    token: str
    account: str
    organisation: str
    answer: dict[str, Any]
    seq: int = 0
    cursor: str | None = None
    protocol: int = 1
    sent: list[Change] = field(default_factory=list)

    @classmethod
    def sign_in(cls, app: FastAPI, clock: FakeClock, login: str, *, token: str = "") -> Phone:
        """A new phone; on the one whose `token` is given, where it is in use."""
        response = ask(
            app,
            "POST",
            "/v1/sign-in",
            json={"login": login, "password": PASSWORD, "label": "测试机"},
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )
        assert response.status_code == 200, response.text
        said = response.json()
        return cls(
            app,
            clock,
            said["device"],
            said["token"],
            said["account"]["id"],
            said["organisation"]["code"],
            said,
        )

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content-Type": NDJSON}

    def change(
        self,
        entity: str,
        record: str,
        fields: dict[str, Any],
        *,
        kind: Kind = "create",
        base: int = 0,
        actor: str | None = None,
        at_ms: int | None = None,
    ) -> Change:
        """The next Change of this phone."""
        self.seq += 1
        made = Change(
            device=self.device,
            seq=self.seq,
            hlc=hlc_of(self.clock.now if at_ms is None else at_ms),
            actor=self.account if actor is None else actor,
            entity=entity,
            record=record,
            kind=kind,
            base=base,
            fields=fields,
        )
        self.sent.append(made)
        return made

    def body(self, *changes: Change, **header: Any) -> bytes:
        """A request with `changes`, plain."""
        first = changes[0].seq if changes else 1
        said = {
            "protocol": self.protocol,
            "device": self.device,
            "cursor": self.cursor,
            "first": first,
            "sent_at": self.clock.now,
        }
        return encode_request(SyncHeader(**{**said, **header}), changes)

    def post(self, body: bytes, **headers: str) -> httpx.Response:
        """Send a plain body as the phone does, compressed."""
        return ask(
            self.app,
            "POST",
            "/v1/sync",
            content=gzip.compress(body),
            headers={**self.headers, "Content-Encoding": "gzip", **headers},
        )

    def sync(self, *changes: Change, keep_cursor: bool = True, **header: Any) -> Answer:
        """One round trip."""
        response = self.post(self.body(*changes, **header))
        assert response.status_code == 200, response.text
        answer = decode_answer(response.content)
        if keep_cursor:
            self.cursor = answer.end.cursor
        return answer

    def add_person(self, record: str, **fields: Any) -> Change:
        return self.change("person", record, {"name": "李四", "village": self.organisation, **fields})

    def add_visit(self, record: str, person: str, **fields: Any) -> Change:
        return self.change("visit", record, {**visit_fields(self, person), **fields})


def visit_fields(phone: Phone, person: str) -> dict[str, Any]:
    """A home visit at noon."""
    return {
        "campaign": "lishui-2022",
        "person": person,
        "organisation": phone.organisation,
        "performer": phone.account,
        "method": "HOME",
        "result": "MET_SELF",
        "at": "2022-07-28T12:00:00+08:00",
        "saved_at": "2022-07-28T12:00:00+08:00",
    }


def need_fields(phone: Phone, person: str, visit: str | None = None) -> dict[str, Any]:
    """A leaking roof."""
    return {
        "campaign": "lishui-2022",
        "person": person,
        "visit": visit,
        "organisation": phone.organisation,
        "type": "HOUSING",
        "severity": "2",
        "found_at": "2022-07-28T12:00:00+08:00",
    }


__all__ = ["NDJSON", "NOON", "PASSWORD", "Phone", "ask", "need_fields", "visit_fields"]
