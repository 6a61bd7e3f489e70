"""Whatever a line holds: its number gets a receipt, its neighbours are taken, and it can be sent again."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.domain.entities import MODELS
from app.domain.wire import Receipt
from tests.server.phones import Phone, need_fields, visit_fields

_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=12)  # halves of surrogate pairs as well
    | st.sampled_from(["331121209200", "331121209202", "331102001001", "p1", "v1", "HOME", "2022-13-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
_NAMES = sorted({name for model in MODELS.values() for name in model.model_fields} | {"categories/VETERAN"})
_FIELDS = st.dictionaries(st.sampled_from(_NAMES) | st.text(max_size=5), _VALUES, max_size=4)
_LINES = st.fixed_dictionaries(
    {},
    optional={
        "hlc": st.integers(0, 2**63 - 1) | _VALUES,
        "actor": st.just("me") | _VALUES,
        "entity": st.sampled_from([*MODELS, "drone"]) | _VALUES,
        "record": st.sampled_from(["p1", "v1", "n1", "new"]) | _VALUES,
        "kind": st.sampled_from(["create", "patch", "void"]) | _VALUES,
        "base": st.integers(0, 3) | _VALUES,
        "fields": _FIELDS | _VALUES,
        "seq": _VALUES,
        "device": _VALUES,
    },
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)
@given(said=_LINES, whole=st.booleans())
@example(said={"entity": "person", "fields": {"name": "\ud800"}}, whole=True)
@example(said={"entity": "visit", "fields": {"person": []}}, whole=True)
@example(said={"entity": "visit", "fields": {"campaign": "x" * 100, "checklist/": 1}}, whole=True)
@example(
    said={"entity": "person", "fields": {"phones/": None, "born": "\u0661\u0662\u0663\u0664"}}, whole=True
)
def test_no_line_whatever_it_holds_stops_the_others(phone: Phone, said: dict[str, Any], whole: bool) -> None:
    if not phone.sent:
        phone.sync(phone.add_person("p1"), phone.add_visit("v1", "p1"))
    before, middle, after = (phone.add_visit(f"v-{phone.seq}-{i}", "p1") for i in range(3))
    lines = phone.body(before, middle, after).split(b"\n")
    if whole:  # a record that would be right but for what is said
        fields = {
            "person": {"name": "李四", "village": phone.organisation},
            "visit": visit_fields(phone, "p1"),
            "need": need_fields(phone, "p1", "v1"),
        }.get(said["entity"] if isinstance(said.get("entity"), str) else "", {})
        odd = said.get("fields")
        usual = {"hlc": middle.hlc, "actor": phone.account, "entity": "visit", "record": "new"}
        said = {**usual, **said, "fields": {**fields, **(odd if isinstance(odd, dict) else {})}}
    if said.get("actor") == "me":
        said["actor"] = phone.account
    lines[2] = json.dumps(said).encode()
    response = phone.post(b"\n".join(lines))
    assert response.status_code == 200, response.text
    receipts = [
        Receipt.model_validate(json.loads(line)["receipt"]) for line in response.text.splitlines()[:3]
    ]
    assert [r.seq for r in receipts] == [before.seq, middle.seq, after.seq]
    assert (receipts[0].status, receipts[2].status) == ("accepted", "accepted")
    assert receipts[1].code != "server_fault", said
    again = phone.post(b"\n".join(lines)).text.splitlines()[:3]
    assert [Receipt.model_validate(json.loads(line)["receipt"]) for line in again] == receipts
