"""What sealing will rest on: nothing personal reaches the file but through the codec."""

from collections.abc import Sequence
from pathlib import Path

from app.domain.wire import Receipt
from app.store import drafts
from app.store.account import keep_sign_in, signed_in
from app.store.inbox import apply_page
from app.store.index import people_index
from app.store.people import edit_person, person_view
from app.store.records import recent
from app.store.store import open_store
from app.store.visits import NewNeed, record_visit, visits_of
from tests.fakes import FakeClock, answer_of, head_of, person, seeded_entropy, sign_in_answer, visit_to


class Scrambling:
    """A codec that is no cipher but leaves no text readable, and counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def seal(self, texts: Sequence[str]) -> list[bytes]:
        self.calls += 1
        return [bytes(byte ^ 0x5A for byte in text.encode()) for text in texts]

    def open(self, blobs: Sequence[bytes]) -> list[str]:
        self.calls += 1
        return [bytes(byte ^ 0x5A for byte in blob).decode() for blob in blobs]


def test_with_another_codec_all_works_and_the_files_hold_no_personal_word(tmp_path: Path) -> None:
    path = tmp_path / "phone.db"
    store = open_store(path, now_ms=FakeClock(), entropy=seeded_entropy(1), codec=Scrambling())
    keep_sign_in(store, sign_in_answer(), "https://server.test")
    somebody = person(hamlet="上坞", phones={"13900001234": "本人"}, id_number="332522194512031234")
    apply_page(store, "phone-1", answer_of(rows=[head_of(somebody)]))
    drafts.keep_draft(store, "person-1", {"note": "写到一半"})
    record_visit(store, visit_to("person-1", note="家里都好", needs=(NewNeed("HOUSING", "2", "屋顶漏雨"),)))
    drafts.keep_draft(store, "person-1", {"note": "又写到一半"})
    edit_person(store, "person-1", {"hamlet": "下坞"})
    refusal = Receipt(seq=1, status="quarantined", code="over_limit", message="慰问金太多", field="cash_fen")
    apply_page(store, "phone-1", answer_of(receipts=[refusal], have=1))

    assert signed_in(store).account_name == "周岚"  # type: ignore[union-attr]
    assert person_view(store, "person-1").person.hamlet == "下坞"
    assert visits_of(store, "person-1")[0].visit.note == "家里都好"
    assert recent(store, limit=1)[0].delivery.refusal.message == "慰问金太多"  # type: ignore[union-attr]
    assert people_index(store).search("1234") == ["person-1"]

    written = b"".join(file.read_bytes() for file in sorted(tmp_path.iterdir()))
    words = [
        "单小满", "上坞", "下坞", "13900001234", "3325221945", "写到一半", "家里都好", "漏雨", "慰问金",
        "HOUSING", "MET_SELF", "周岚", "token-of",
    ]  # fmt: skip
    assert [word for word in words if word.encode() in written] == []


def test_many_values_are_opened_with_one_call(tmp_path: Path) -> None:
    codec = Scrambling()
    store = open_store(tmp_path / "phone.db", now_ms=FakeClock(), codec=codec)
    keep_sign_in(store, sign_in_answer(), "https://server.test")
    apply_page(store, "phone-1", answer_of(rows=[head_of(person(f"p{n}")) for n in range(500)]))
    before = codec.calls
    people_index(store).search("x")
    assert codec.calls - before == 3  # people, visits, needs
