"""The screens of shared phones, disputed entries, corrections and newcomers, in every size and language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.merge import Candidate, Mark
from app.domain.stamp import hlc_of
from app.store.account import keep_sign_in
from app.store.inbox import apply_page
from app.store.mending import amend_visit
from app.store.results import SyncResult, note_result
from app.store.store import Store
from app.store.visits import record_visit
from tests.fakes import NOON, FakeClock, answer_of, head_of, sign_in_answer, visit_to
from tests.ui.conftest import ROSTER, opened, run, session_over
from tests.ui.headless import check_page


def disputed() -> object:
    head = head_of(ROSTER[0])
    here, there = (Mark(2, hlc_of(NOON), f"phone-{n}", n, f"worker-{n}") for n in (1, 7))
    marks = {
        "name": (Candidate(here, "张三"), Candidate(there, "张三丰")),
        "phones/13800000000": (Candidate(there, "女儿"), Candidate(here, "本人")),
    }
    return replace(head, version=2, marks=marks)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_every_new_screen_is_drawn_with_labels_of_its_own_and_no_name(
    store: Store, clock: FakeClock, scale: float, language: str
) -> None:
    account = {"id": "worker-2", "name": "吴桐", "role": "RECORDER"}
    first = sign_in_answer()
    keep_sign_in(store, {**first, "account": account}, "https://server.test")
    keep_sign_in(store, first, "https://server.test")
    rows = [disputed(), *map(head_of, ROSTER[1:])]
    apply_page(store, "phone-1", answer_of(rows=rows))  # type: ignore[arg-type]
    visit = record_visit(store, visit_to("p-li", result="NOT_MET"))
    amend_visit(store, visit, visit_to("p-li", note="晚上在家", checklist=("POLICY_BRIEFING",), cash_fen=100))
    note_result(store, SyncResult(NOON, visits=12, refused=1, left=3, failure="no_answer"))

    async def body() -> None:
        session = session_over(store, clock)
        session.set_look(scale=scale, language=language)
        for route in (
            "/workers",
            "/roster/add",
            "/records",
            "/records/conflict/p-zhang",
            "/roster/person/p-zhang/conflict",
            "/records/conflict/nobody",
            f"/records/record/{visit}",
            f"/records/amend/{visit}",
            f"/roster/person/p-li/amend/{visit}",
        ):
            phone = await opened(session, route)
            check_page(phone, route)

    run(body)
