"""No name and no note is ever an empty box: what the fonts hold, and what stands for what they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from app.ui.parts.text import drawable

FONTS = Path(__file__).parents[2] / "assets" / "fonts"
# Of the 通用规范汉字表 (GB 18030-2022, level 2) those that lie outside the first plane, and what rosters had.
BEYOND = (
    "𠅤𬱖𫖯𠙶𠳐𡎚𡐓𣗋𣲗𣲘𣸣𤧛𤩽𤫉𥔲𥕢𥖨𥻗𦈡𦒍𦙶𦝼𦭜𦰡𧿹𨐈𨙸𨚕𨟠𨭉𨱇𨱏𨱑𨱔𨺙𩽾𩾃𩾌𪟝𪣻𪤗𪨰𪨶𪩘𪾢𫄧𫄨𫄷𫄸𫇭𫌀𫍣𫍯𫍲𫍽𫐄𫐐𫐓𫑡𫓧𫓯𫓶𫓹𫔍𫔎𫔶"
    "𫖮𫖳𫗧𫗴𫘜𫘝𫘦𫘧𫘨𫘪𫘬𫚕𫚖𫚭𫛭𫞩𫟅𫟦𫟹𫟼𫠆𫠊𫠜𫢸𫫇𫭟𫭢𫭼𫮃𫰛𫵷𫶇𫷷𫸩𬀩𬀪𬂩𬃊𬇕𬇙𬇹𬉼𬊈𬊤𬌗𬍛𬍡𬍤𬒈𬒔𬒗𬕂𬘓𬘘𬘡𬘩𬘫𬘬𬘭𬘯"
    "𬙂𬙊𬙋𬜬𬜯𬞟𬟁𬟽𬣙𬣞𬣡𬣳𬤇𬤊𬤝𬨂𬨎𬩽𬪩𬬩𬬭𬬮𬬱𬬸𬬹𬬻𬬿𬭁𬭊𬭎𬭚𬭛𬭤𬭩𬭬𬭯𬭳𬭶𬭸𬭼𬮱𬮿𬯀𬯎𬱟𬳵𬳶𬳽𬳿𬴂𬴃𬴊𬶋𬶍𬶏𬶐𬶟𬶠𬶨𬶭𬶮𬷕𬸘𬸚𬸣𬸦𬸪𬹼𬺈𬺓"
)


def covered(name: str) -> set[int]:
    return set(TTFont(FONTS / name).getBestCmap())


def test_the_fonts_together_draw_every_character_of_gb_18030_level_2() -> None:
    regular, rare = covered("NotoSansSC-Regular.ttf"), covered("NotoSansSC-Rare.woff2")
    wanted = set(range(0x4E00, 0x9FA6)) | set(range(0x3400, 0x4DB6)) | set(map(ord, BEYOND))
    assert sorted(map(chr, wanted - regular - rare)) == []


def test_both_weights_draw_the_same_characters() -> None:
    assert covered("NotoSansSC-Regular.ttf") == covered("NotoSansSC-Bold.ttf")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("身体好👍🏻，天天跳舞💃", "身体好〔表情〕，天天跳舞〔表情〕"),
        ("一家👨‍👩‍👧团圆❤️", "一家〔表情〕团圆〔表情〕"),
        ("★☆✓✗ 𠅤", "★☆✓✗ 𠅤"),
        ("plain", "plain"),
    ],
)
def test_a_page_writes_a_word_for_emoji_and_a_phone_draws_them(written: str, shown: str) -> None:
    assert drawable(written, draws_pictures=False) == shown
    assert drawable(written, draws_pictures=True) == written
