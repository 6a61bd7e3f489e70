"""Numbers in the forms in which rosters write them."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain import citizen_id
from app.domain.citizen_id import read_citizen_id

SOUND = "332522197808234359"


@pytest.mark.parametrize(
    ("cell", "number", "problem"),
    [
        (SOUND, SOUND, None),
        (" 332522 19420727 233x", "33252219420727233X", None),
        ("３３１１２１１９９９１１１９０９３Ｘ", "33112119991119093X", None),
        ("33252219731108122×", "33252219731108122X", None),
        ("332522-19780823-4359", SOUND, None),
        ("身份证：332522197808234359（本人）", SOUND, None),
        (332522780301315, "332522197803013151", None),
        ("332522780301315.0", "332522197803013151", None),
        (3.32522195901147e17, None, "digits_lost"),
        ("3.32522E+17", None, "digits_lost"),
        ("332522193707088***", None, "digits_lost"),
        ("332522********7451", None, "digits_lost"),
        ("33252219780823435", None, "digits_lost"),
        ("332522195906087451", "332522195906087451", "checksum"),
        ("待补", None, "missing_id"),
        (16101847598, None, "missing_id"),
        (None, None, "missing_id"),
    ],
)
def test_a_written_number_is_normalised_or_its_problem_named(
    cell: object, number: str | None, problem: str
) -> None:
    read = read_citizen_id(cell)
    assert (read.number, read.problem) == (number, problem)


def test_sequences_once_given_to_centenarians_are_flagged() -> None:
    assert [read_citizen_id(f"332522120101{n}").century_unsure for n in ("995", "996", "999")] == [
        False,
        True,
        True,
    ]


def test_a_number_tells_birth_date_and_sex_and_can_be_masked() -> None:
    assert citizen_id.is_sound("11010519491231002X")
    assert citizen_id.birth_date(SOUND) == date(1978, 8, 23)
    assert citizen_id.sex_of(SOUND) == "M"
    assert citizen_id.mask_citizen_id(SOUND) == "332***********4359"
