"""No endpoint gives anything of a foreign organisation: every route, found by itself, is visited.

A route says by `@scoped(...)` which rule protects it; one that says nothing fails here, so that a
new one cannot be forgotten. `ORGANISATION` routes are asked for organisations beside and above.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount

from sync_server.records.scope import Scope, ScopeRule
from tests.server.phones import PASSWORD, Phone, ask

SignIn = Callable[[str], Phone]
VILLAGE_PATH = "3311/331121/331121209/331121209200"


def endpoints(routes: list[BaseRoute]) -> Iterator[APIRoute]:
    """Every endpoint, those inside routers that were included or mounted as well."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        inner = getattr(route, "routes", None) or getattr(
            getattr(route, "original_router", None), "routes", None
        )
        if inner:
            yield from endpoints(list(inner))


def rule_of(route: APIRoute) -> ScopeRule | None:
    return getattr(route.endpoint, "scope_rule", None)


def test_every_endpoint_declares_its_rule(app: FastAPI) -> None:
    found = list(endpoints(app.routes))
    assert {"/v1/sign-in", "/v1/sync", "/", "/table.xlsx"} <= {route.path for route in found}
    assert [route.path for route in found if rule_of(route) is None] == []


def test_what_is_mounted_is_the_phone_app_and_files_that_hold_nobody(app: FastAPI) -> None:
    mounted = {route.path for route in app.routes if isinstance(route, Mount)}
    assert mounted <= {"/app", "/static"}


BODIES: dict[str, Callable[[Phone], Any]] = {  # what a phone would say there; a path not named is asked bare
    "/v1/sign-in": lambda phone: {"login": "stranger", "password": PASSWORD},
    "/v1/device": lambda phone: {},
    "/v1/sign-out": lambda phone: {"account": phone.account, "since": phone.answer["time"]},
    "/v1/digest": lambda phone: {
        "device": phone.device,
        "cursor": "",
        "want": {entity: list(range(64)) for entity in ("person", "visit", "need")},
    },
    "/v1/review/{device}/{seq}": lambda phone: {"action": "release"},
    "/v1/photos/proofs": lambda phone: {"sha256": ["0" * 64]},
}


def test_every_endpoint_of_the_phones_is_asked_with_what_a_phone_would_say(app: FastAPI) -> None:
    posted = {r.path for r in endpoints(app.routes) if "POST" in r.methods and r.path.startswith("/v1/")}
    # A body of its own, a reviewer's, and a photo's (tests/photos/test_serving.py).
    others = {"/v1/sync", "/v1/relay", "/v1/review/{device}/{seq}", "/v1/photos"}
    assert posted - others <= BODIES.keys()


def test_no_endpoint_answers_a_foreigner(app: FastAPI, phone: Phone, sign_in: SignIn) -> None:
    """With somebody's token from elsewhere, and with none, no endpoint shows the person or the visit, nor
    that somebody has gone, nor what was refused."""
    phone.sync(
        phone.add_person("p-secret", name="秘密人"),
        phone.add_visit("v-secret", "p-secret"),
        phone.add_person("p-secret-gone"),
        phone.change("person", "p-secret-gone", {"village": "331121209203"}, kind="patch"),
        phone.add_visit("v-refused", "p-secret", cash_fen=10**8, note="secret"),
    )
    refused = {"device": phone.device, "seq": str(phone.seq)}
    for route in endpoints(app.routes):
        # Signed in anew for each, since a route may sign out.
        strangers = [sign_in("stranger"), sign_in("other-county"), sign_in("neighbour"), None]
        for stranger in strangers:
            for method in route.methods:
                response = _visit(app, route, method, stranger, org="331121209200", **refused)
                assert "secret" not in response.text and "秘密人" not in response.text, route.path
                if rule_of(route) is ScopeRule.ORGANISATION:
                    assert response.status_code in (302, 303, 401, 403), (route.path, response.status_code)
    assert phone.sync().rows == []  # nobody has decided about the refused visit


@pytest.mark.parametrize("login", ["village", "unit"])
def test_only_reviewers_see_what_was_refused(app: FastAPI, sign_in: SignIn, login: str) -> None:
    guarded = [route for route in endpoints(app.routes) if rule_of(route) is ScopeRule.REVIEW]
    assert {"/v1/review", "/review", "/review/{device}/{seq}"} <= {route.path for route in guarded}
    for route in guarded:
        refused = _visit(app, route, min(route.methods), sign_in(login), org="331121209200", seq="1")
        assert (refused.status_code, "乡镇审核员" in refused.text) == (403, True), route.path


@pytest.mark.parametrize("org", ["331121209202", "331121209", "331121", "3311", "331102", "3311U01"])
def test_an_organisation_beside_or_above_ones_own_is_refused(app: FastAPI, phone: Phone, org: str) -> None:
    guarded = [route for route in endpoints(app.routes) if rule_of(route) is ScopeRule.ORGANISATION]
    assert guarded
    for route in guarded:
        refused = _visit(app, route, min(route.methods), phone, org=org)
        assert refused.status_code == 403, (route.path, org, refused.status_code)
        own = _visit(app, route, min(route.methods), phone, org=phone.organisation)
        assert own.status_code == 200, (route.path, own.status_code)


def _visit(
    app: FastAPI, route: APIRoute, method: str, who: Phone | None, *, org: str, **named: str
) -> httpx.Response:
    values = {"org": org, "campaign": "lishui-2022", **named}
    names = {p.name for p in route.dependant.path_params}
    path = route.path.format(**{name: values.get(name, "x") for name in names})
    headers: dict[str, Any] = {}
    content = b""
    if who is not None:
        # The dashboard keeps the same token in a cookie.
        headers = {"Authorization": f"Bearer {who.token}", "Cookie": f"zoufang={who.token}"}
    if route.path == "/v1/sync" and who is not None:
        headers |= who.headers
        content = who.body(protocol=2)
    elif route.path in BODIES and who is not None:
        headers["Content-Type"] = "application/json"
        content = json.dumps(BODIES[route.path](who)).encode()
    elif route.path.startswith("/review/"):
        content = b"action=release"
    return ask(app, method, path, params={"org": org}, headers=headers, content=content)


@pytest.mark.parametrize(
    ("paths", "path", "is_inside"),
    [
        (("3311",), VILLAGE_PATH, True),
        (("3311",), "3311", True),
        (("3311/331121",), VILLAGE_PATH, True),
        (("3311/331121/331121209/33112120920",), VILLAGE_PATH, False),
        (("3311/331121/331121209",), "3311/331121/3311212090", False),
        (("3311/331121/331121209",), "3311/331121", False),
        ((), "3311", False),
    ],
)
def test_a_subtree_is_by_whole_codes(paths: tuple[str, ...], path: str, is_inside: bool) -> None:
    assert Scope(paths).holds(path) is is_inside


def test_the_unit_path_counts_for_the_unit_alone() -> None:
    assert Scope(("3311/3311U01",), is_unit=True).holds(VILLAGE_PATH, "3311/3311U01")
    assert not Scope(("3311/3311U02",), is_unit=True).holds(VILLAGE_PATH, "3311/3311U01")
    assert not Scope(("3311/331122",)).holds(VILLAGE_PATH, "3311/3311U01")
