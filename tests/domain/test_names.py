"""Names: cleaned without losing a rare character, masked, spelt for search."""

from __future__ import annotations

from app.domain.names import ReadName, mask_name, read_name, readings


def test_blanks_and_notes_go_and_rare_characters_stay() -> None:
    assert read_name("黄\u3000岭\u200b𠅤（户主）") == ReadName("黄岭𠅤", "户主")
    assert read_name("章𫖯星(曾用名章阿星)") == ReadName("章𫖯星", "曾用名章阿星")
    assert read_name("\uf9d1岭") == ReadName("\uf9d1岭")  # a compatibility character that NFKC would replace
    assert read_name("阿卜杜拉•买买提") == ReadName("阿卜杜拉·买买提")
    assert read_name("张\ue000").has_unresolved


def test_surnames_are_spelt_as_surnames_first() -> None:
    assert [readings(n)[0][0] for n in ("单平", "仇平", "解平", "曾平")] == ["shan", "qiu", "xie", "zeng"]
    assert "dan" in readings("单平")[0]


def test_the_mask_shows_the_first_character_and_hides_the_length() -> None:
    assert [mask_name(n) for n in ("张三", "欧阳小明", "")] == ["张**", "欧**", ""]
