"""What is found out beside a visit: saved with it in one transaction or alone, and taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.errors import BadInput, TooLateToUndo, UnknownRecord
from app.domain.merge import Mark
from app.domain.stamp import hlc_of
from app.domain.unsigned import day_began_ms
from app.store import heads
from app.store.drafts import draft_of, keep_draft
from app.store.findings import (
    Findings,
    NewConfirmation,
    NewExemplary,
    NewFindings,
    findings_of,
    record_findings,
    undo_findings,
)
from app.store.opinions import NewOpinion, opinions_with, take_back_opinions
from app.store.outbox import next_batch
from app.store.records import totals
from app.store.store import Store
from app.store.visits import NewNeed, record_visit, undo_visit
from tests.fakes import NOON, FakeClock, visit_to

AT = datetime.fromtimestamp(NOON / 1000, UTC)
NOTHING = Findings((), (), (), ())
ALL = NewFindings(
    confirmation=NewConfirmation("HOME", "NORMAL"),
    card="APPLIED",
    file="FILED",
    exemplary=NewExemplary("VETERAN", "多年照看烈士墓", consent="本人口头同意"),
)


def said(store: Store) -> list[tuple[str, str]]:
    """What waits to be sent, as (kind, entity)."""
    return [(change.kind, change.entity) for change in next_batch(store, "phone-1").changes]


def test_all_that_a_visit_found_out_is_saved_with_it_and_names_it(store: Store) -> None:
    visit = record_visit(
        store,
        replace(
            visit_to("person-1", needs=(NewNeed("HOUSING", "2", cause="SUDDEN"),)),
            findings=ALL,
            opinion=NewOpinion("WORK", words="希望多来"),
        ),
    )
    assert said(store) == [
        ("create", entity)
        for entity in (
            "visit", "need", "confirmation", "card_step", "file_step", "exemplary", "opinion",
        )
    ]  # fmt: skip
    known = findings_of(store, "person-1")
    assert [(one.visit, one.year, one.result) for one in known.confirmations] == [(visit, 2022, "NORMAL")]
    assert [(one.visit, one.state) for one in known.card_steps] == [(visit, "APPLIED")]
    assert [(one.visit, one.state) for one in known.file_steps] == [(visit, "FILED")]
    assert [(one.visit, one.deeds, one.consent) for one in known.exemplary] == [
        (visit, "多年照看烈士墓", "本人口头同意")
    ]
    assert (totals(store).all, totals(store).edits) == (1, 0)


def test_undoing_the_visit_takes_back_all_that_it_found_out(store: Store) -> None:
    visit = record_visit(store, replace(visit_to("person-1"), findings=ALL))
    undo_visit(store, visit)
    assert findings_of(store, "person-1") == NOTHING
    assert [kind for kind, _ in said(store)] == ["create"] * 5 + ["void"] * 5


def test_a_finding_without_a_visit_drops_its_draft_and_can_be_undone_for_a_day(
    store: Store, clock: FakeClock
) -> None:
    keep_draft(store, "person-1", {"card": "ISSUED"}, about="card:person-1")
    about = record_findings(store, "person-1", NewFindings(card="ISSUED"), at=AT, draft="card:person-1")
    assert draft_of(store, "person-1", about="card:person-1") is None
    assert [(one.state, one.visit) for one in findings_of(store, "person-1").card_steps] == [("ISSUED", None)]
    undo_findings(store, about)
    undo_findings(store, about)
    assert findings_of(store, "person-1") == NOTHING
    assert said(store) == [("create", "card_step"), ("void", "card_step")]
    late = record_findings(store, "person-1", NewFindings(card="ISSUED"), at=AT)
    clock.go_on(days=1.01)
    with pytest.raises(TooLateToUndo, match="超过 24 小时"):
        undo_findings(store, late)


def test_the_latest_step_stands_first(store: Store, clock: FakeClock) -> None:
    for state in ("APPLIED", "IN_REVIEW", "ISSUED"):
        record_findings(store, "person-1", NewFindings(card=state), at=AT)
        clock.go_on(ms=1000)
    assert [one.state for one in findings_of(store, "person-1").card_steps] == [
        "ISSUED",
        "IN_REVIEW",
        "APPLIED",
    ]


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        (NewFindings(), "还没选"),
        (NewFindings(card="GOLD"), "优待证没有“GOLD”这一项"),
        (NewFindings(confirmation=NewConfirmation("HOME", "FINE")), "年度确认的结果没有“FINE”这一项"),
        (NewFindings(exemplary=NewExemplary("VETERAN", "")), "还没写事迹"),
    ],
    ids=["nothing", "no such card", "no such result", "no deeds"],
)
def test_what_cannot_be_is_refused_whole(store: Store, new: NewFindings, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        record_findings(store, "person-1", new, at=AT)
    with pytest.raises(UnknownRecord):
        record_findings(store, "nobody", NewFindings(card="ISSUED"), at=AT)
    assert said(store) == []


def test_an_opinion_about_a_worker_is_stored_sealed_and_its_words_nowhere(store: Store) -> None:
    opinion = NewOpinion("WORKER", sealed="AQID")
    visit = record_visit(store, replace(visit_to("person-1"), opinion=opinion))
    ((_, values),) = heads.values_of(store, "opinion")
    assert {name: values.get(name) for name in ("target", "words", "sealed", "visit", "person")} == {
        "target": "WORKER",
        "words": None,
        "sealed": "AQID",
        "visit": visit,
        "person": "person-1",
    }
    with pytest.raises(BadInput, match="意见还没写"):
        record_visit(store, replace(visit_to("person-1"), opinion=NewOpinion("WORKER", words="态度不好")))
    assert totals(store).all == 1


def test_an_anonymous_opinion_names_neither_person_nor_visit_and_knows_only_its_day(store: Store) -> None:
    opinion = NewOpinion("POLICY", words="看不懂政策", anonymous=True)
    visit = record_visit(store, replace(visit_to("person-1"), opinion=opinion))
    ((_, values),) = heads.values_of(store, "opinion")
    assert values == {
        "campaign": "lishui-2022",
        "organisation": "331121209200",
        "target": "POLICY",
        "day": "2022-07-28",
        "anonymous": True,
        "words": "看不懂政策",
    }
    assert opinions_with(store, visit) == 1


def test_what_is_handed_on_of_an_anonymous_opinion_tells_its_day_and_no_hour(store: Store) -> None:
    opinion = NewOpinion("POLICY", words="看不懂政策", anonymous=True)
    visit = record_visit(store, replace(visit_to("person-1"), opinion=opinion))
    (head,) = heads.heads_of(store, "opinion")
    midnight = day_began_ms(store.now_ms())
    assert head.first == Mark(0, hlc_of(midnight), "", 0, "")
    assert int(head.record.replace("-", "")[:12], 16) == midnight
    take_back_opinions(store, visit)
    (head,) = heads.heads_of(store, "opinion")
    assert (head.is_voided, head.first.actor, head.marks["voided"][0].mark.seq) == (True, "", 0)


def test_an_opinion_is_taken_back_alone_and_the_visit_stands(store: Store) -> None:
    visit = record_visit(store, replace(visit_to("person-1"), opinion=NewOpinion("WORK", words="多来看看")))
    take_back_opinions(store, visit)
    take_back_opinions(store, visit)
    assert opinions_with(store, visit) == 0
    assert said(store) == [("create", "visit"), ("create", "opinion"), ("void", "opinion")]
    undo_visit(store, visit)
    assert said(store)[3:] == [("void", "visit")]
