"""wire: what is sent is what is read, and a body cut or changed anywhere is noticed."""

from __future__ import annotations

import pytest

from app.domain.change import Change
from app.domain.errors import TooLarge, UnsupportedProtocol, WireError
from app.domain.merge import Candidate, Head, Mark
from app.domain.wire import (
    BATCH_BYTES,
    Answer,
    AnswerEnd,
    Gone,
    Own,
    Receipt,
    SyncHeader,
    Unreadable,
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
    row_text,
)

HEADER = SyncHeader(protocol=1, device="d1", cursor="c", first=7, count=2, sent_at=1_658_000_000_000)
CHANGES = [
    Change(device="d1", seq=7, hlc=1, actor="a", entity="visit", record="v1", fields={"note": "𠅤家\n新房"}),
    Change(device="d1", seq=8, hlc=2, actor="a", entity="visit", record="v1", kind="void", base=3),
]
MARK = Mark(1, 5, "d1", 1, "a")
HEAD = Head("person", "p1", 2, {"name": "张三"}, MARK, {"name": (Candidate(MARK, "张三"),)})
END = AnswerEnd(receipts=1, rows=1, cursor="c2", more=False, epoch="e", have=8, time=1)
RECEIPT = Receipt(seq=7, status="accepted", version=1, ref="7F3K-29QD")


def test_a_request_reads_back_as_it_was_written():
    batch = decode_request(encode_request(HEADER, CHANGES))
    assert (batch.header, batch.changes) == (HEADER, CHANGES)


def test_an_answer_reads_back_as_it_was_written():
    end = END.model_copy(update={"rows": 2, "digest": {"person": (1, 7)}, "restarted": True, "own": 1})
    gone, own = [Gone(entity="visit", record="v9")], [Own(7, 1, 5)]
    body = encode_answer([RECEIPT], [row_text(HEAD)], end, gone=gone, own=own)
    assert decode_answer(body) == Answer(receipts=[RECEIPT], rows=[HEAD], end=end, gone=gone, own=own)


@pytest.mark.parametrize("cut", [1, 20, 100, 200])
def test_a_request_cut_anywhere_is_refused_whole(cut):
    with pytest.raises(WireError):
        decode_request(encode_request(HEADER, CHANGES)[:-cut])


@pytest.mark.parametrize("cut", range(1, 260, 7))
def test_an_answer_cut_anywhere_is_refused_whole(cut):
    with pytest.raises(WireError):
        decode_answer(encode_answer([RECEIPT], [row_text(HEAD)], END)[:-cut])


def test_a_line_that_is_no_change_keeps_its_number_and_holds_up_nothing():
    lines = encode_request(HEADER, CHANGES).split(b"\n")
    lines[1] = '{"entity": 5, "坏'.encode()
    batch = decode_request(b"\n".join(lines))
    assert isinstance(batch.changes[0], Unreadable)
    assert (batch.changes[0].seq, batch.changes[1]) == (7, CHANGES[1])


def test_fields_that_this_version_does_not_know_survive():
    strange = Change(device="d1", seq=1, hlc=1, actor="a", entity="visit", record="v", fields={"新栏": [1]})
    batch = decode_request(encode_request(HEADER.model_copy(update={"first": 1}), [strange]))
    assert batch.changes == [strange]


def test_another_protocol_is_told_so_and_that_records_are_safe():
    body = encode_request(HEADER.model_copy(update={"protocol": 9}), CHANGES)
    with pytest.raises(UnsupportedProtocol, match="记录都在本机"):
        decode_request(body)


def test_a_body_over_the_limit_is_refused_before_it_is_read():
    with pytest.raises(TooLarge):
        decode_request(b"x" * (BATCH_BYTES + 1))


def test_a_head_with_one_writer_sends_no_marks():
    assert '"marks"' not in row_text(Head("person", "p1", 1, {"name": "张三"}, MARK))
