"""A newcomer against the whole server: entered, counted, taken back and counted no more."""

from app.store import outbox
from app.store.index import people_index
from app.store.newcomers import add_person, undo_person
from app.store.records import Totals, totals
from app.store.refused_newcomers import mend_person, refused_newcomers
from app.store.visits import record_visit, visits_of
from tests.fakes import visit_to
from tests.sync.test_real_server import Phone, phones, state_of

__all__ = ["phones"]


def test_a_newcomer_taken_back_goes_from_every_phone(phones: tuple[Phone, Phone]) -> None:
    first, second = phones
    newcomer = add_person(first.store, "闻一禾", "331121209200")
    for phone in phones:
        phone.sync()
    assert newcomer in people_index(second.store).search()
    undo_person(first.store, newcomer)
    for phone in phones:
        phone.sync()
    assert [newcomer in people_index(phone.store).search() for phone in phones] == [False, False]
    assert totals(first.store) == Totals(saved=0, sent=0, received=0, refused=0, undone=0)


def test_a_refused_newcomer_is_mended_and_takes_along_the_visit_that_waited_for_him(
    phones: tuple[Phone, Phone],
) -> None:
    first, second = phones
    newcomer = add_person(first.store, "闻一禾", "331121209200", sex="?")
    visit = record_visit(first.store, visit_to(newcomer))
    first.sync()
    (waits,) = refused_newcomers(first.store)
    assert (waits.person.id, waits.refusal and waits.refusal.code) == (newcomer, "bad_field")
    assert totals(first.store) == Totals(saved=0, sent=0, received=0, refused=1, undone=0, edits_refused=1)
    mend_person(first.store, newcomer, "闻一禾", "331121209200", id_number="331121195001010014")
    assert outbox.waiting(first.store).changes == 1  # the visit is not sent again
    for phone in phones:
        phone.sync()
    assert totals(first.store) == Totals(saved=0, sent=0, received=1, refused=0, undone=0)
    assert refused_newcomers(first.store) == []
    assert [view.visit.id for view in visits_of(second.store, newcomer)] == [visit]
    assert state_of(first.store) == state_of(second.store)
