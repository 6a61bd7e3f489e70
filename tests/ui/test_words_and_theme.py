from __future__ import annotations

import re
import string

import pytest

from app.domain.codes import Honour, LivingTag, Merit, NeedType
from app.ui.code_words import ENGLISH, code_words
from app.ui.parts.tags import tag_words
from app.ui.theme import CONTRASTS, DARK, LIGHT, OUTDOOR, SCALES, TYPE, Look, Palette, contrast
from app.ui.words import _ONE_EN, WORDS, numeral, words

# What a worker should never have to read (design of the words: no system talk).
FORBIDDEN = re.compile(r"同步|冲突|队列|服务器|失败|error|sync|queue|conflict", re.IGNORECASE)


@pytest.mark.parametrize("key", sorted(WORDS))
def test_sentence_is_complete_in_both_languages_with_the_same_fields(key: str) -> None:
    chinese, english = WORDS[key]
    assert chinese.strip() and english.strip()
    fields = [
        {name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (chinese, english)
    ]
    assert fields[0] == fields[1]


@pytest.mark.parametrize("key", sorted(WORDS))
def test_sentence_speaks_the_words_of_the_village_and_is_short(key: str) -> None:
    assert [text for text in WORDS[key] if FORBIDDEN.search(text)] == []
    assert WORDS[key][0].count("。") <= 3


def test_unknown_key_is_refused() -> None:
    with pytest.raises(KeyError):
        words("zh", "no.such.key")


def test_english_says_one_person_and_two_people() -> None:
    assert [words("en", "roster.count", n=n) for n in (0, 1, 2)] == ["0 people", "1 person", "2 people"]
    assert words("zh", "roster.count", n=1) == "1 人"


@pytest.mark.parametrize("key", sorted(_ONE_EN))
def test_form_for_one_has_no_other_fields_than_the_form_for_many(key: str) -> None:
    fields = [
        {name for _, name, _, _ in string.Formatter().parse(text) if name}
        for text in (WORDS[key][1], _ONE_EN[key])
    ]
    assert fields[1] == fields[0] - {"n"}


def test_every_tag_has_an_english_word() -> None:
    labels = {label for kind in (LivingTag, Honour, Merit) for label in (one.label for one in kind)}
    look = Look(language="en")
    assert {label for label in labels if tag_words(look, label) == label} == set()
    assert tag_words(Look(), "低保") == "低保"


def test_every_code_of_a_form_has_an_english_word() -> None:
    without = {
        f"{codes.__name__}.{code.name}": code_words("en", codes, code.value)
        for codes, english in ENGLISH.items()
        for code in codes
        if code.value not in english
    }
    assert without == {}
    assert code_words("zh", NeedType, "HOUSING") == "住房"
    assert code_words("en", NeedType, "OF_NEXT_YEAR") == "OF_NEXT_YEAR"


def test_small_numbers_are_said_in_chinese_and_large_ones_in_digits() -> None:
    assert [numeral("zh", 3), numeral("zh", 11), numeral("en", 3)] == ["三", "11", "3"]


@pytest.mark.parametrize("palette", [LIGHT, DARK, OUTDOOR], ids=["light", "dark", "outdoor"])
def test_everything_drawn_has_the_contrast_that_wcag_asks(palette: Palette) -> None:
    poor = {
        (front, back): round(contrast(getattr(palette, front), getattr(palette, back)), 2)
        for front, back, least in CONTRASTS
        if contrast(getattr(palette, front), getattr(palette, back)) < least
    }
    assert poor == {}


def test_contrast_is_the_one_that_the_design_computed() -> None:
    assert round(contrast(LIGHT.bad, LIGHT.bad_ground), 2) == 5.95
    assert round(contrast(LIGHT.edge, LIGHT.bg), 2) == 3.73
    assert round(contrast(DARK.ink, DARK.bg), 2) == 16.56


def test_no_text_is_smaller_than_16_but_the_badge() -> None:
    assert {name for name, kind in TYPE.items() if kind.size < 16} == {"badge"}


@pytest.mark.parametrize("scale", SCALES)
def test_every_line_of_text_is_a_target_of_48_with_its_padding(scale: float) -> None:
    look = Look(scale=scale)
    for token in ("body", "meta_strong", "action", "side"):
        line = look.size(token) * TYPE[token].line
        assert line + 2 * look.upright(token, 48) >= 48


def test_primary_action_is_58_high_and_60_with_large_text() -> None:
    assert [Look(scale=scale).primary_height for scale in SCALES] == [58, 60, 60, 60]


def test_three_columns_become_two_with_large_text_and_with_long_words() -> None:
    assert [Look(scale=scale).columns(3) for scale in SCALES] == [3, 3, 2, 2]
    assert Look(language="en").columns(3) == 2
