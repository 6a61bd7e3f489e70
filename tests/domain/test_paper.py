from __future__ import annotations

import pytest

from app.domain.errors import BadInput
from app.domain.paper import LINES, PaperSheet, read_code, sheet_code, sheets_of

IDS = [f"018f3a4b-0000-7abc-8def-0000000000{n:02x}" for n in range(30)]


def test_a_page_holds_its_lines_and_the_next_begins_with_the_next_person() -> None:
    sheets = sheets_of("331121209200", IDS)
    assert [(sheet.number, len(sheet.people)) for sheet in sheets] == [
        (1, LINES),
        (2, LINES),
        (3, 30 - 2 * LINES),
    ]
    assert [one for sheet in sheets for one in sheet.people] == IDS


def test_the_code_of_a_page_is_read_back_in_the_same_order_and_fits_a_small_qr() -> None:
    sheet = PaperSheet("331121209200", 2, (*IDS[: LINES - 1], "p-1"))
    code = sheet_code(sheet)
    assert read_code(code) == sheet
    assert read_code(code.lower().replace("zf1", "ZF1")) == sheet
    assert len(code) < 480  # alphanumeric, version 13 at level M


@pytest.mark.parametrize(
    "text", ["", "ZF1", "ZF1 331121209200 1", "ZF1 331 x a", "https://a.example", "ZF2 1 1 a"]
)
def test_what_is_no_code_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadInput, match="走访单上的码"):
        read_code(text)
