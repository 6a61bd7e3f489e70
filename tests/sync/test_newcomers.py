"""A newcomer against the whole server: entered, counted, taken back and counted no more."""

from app.store.index import people_index
from app.store.newcomers import add_person, undo_person
from app.store.records import Totals, totals
from tests.sync.test_real_server import Phone, phones

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
