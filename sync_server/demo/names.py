"""Invented names, in the proportions of the region: common surnames, 畲 ones, some of two characters.

A few given names hold characters that old phones and forms stumble over (喆, 堃, 𠅤, 𬱖, 𫖯), so that
anyone who tries the demo sees whether fonts, search and tables keep them.
"""

from __future__ import annotations

from random import Random

from sync_server.demo.chance import Weighted

_SURNAMES = Weighted(
    dict(zip("叶吴陈周王李刘张徐朱林毛潘项郑胡杨黄金梅章季夏何赵沈谢柳邱练纪范包程孙余管应汤傅麻洪", (
        60, 55, 55, 45, 45, 44, 42, 42, 38, 30, 30, 26, 24, 22, 22, 20, 20, 20, 16, 14, 14, 14, 12, 12, 12,
        10, 10, 10, 10, 8, 8, 8, 8, 8, 8, 8, 6, 6, 6, 6, 6, 6), strict=True))
)  # fmt: skip
_TWO_CHARACTER_SURNAMES = Weighted({"欧阳": 5.0, "上官": 3, "诸葛": 3, "司徒": 2, "尉迟": 1, "令狐": 1})
_SHE_SURNAMES = Weighted({"蓝": 5.0, "雷": 4, "钟": 4})
_RARE = ("喆", "堃", "𠅤", "𬱖", "𫖯")

_OLD_MALE = "松柏清根土火旺荣福寿德仁义金水昌茂富贵樟庆生发宝忠良"
_OLD_FEMALE = "兰菊香凤珠莲英桂秀梅翠月花仙彩云"
_MIDDLE_MALE = "建国军平伟明华林强勇海峰岳武志斌东文永新荣正"
_MIDDLE_FEMALE = "丽芳红燕萍敏霞芬玲琴娟慧美英爱华"
_YOUNG_MALE = "俊杰浩宇晨泽辰峻豪旭凯铭昊岩朗舟禾彦博远"
_YOUNG_FEMALE = "雨欣悦涵静雅思婷怡楠晴舒冰蕾妍琪"


def invent_surname(rng: Random, *, she_share: float) -> str:
    """A surname; `she_share` is the part of people with one of the 畲 surnames."""
    draw = rng.random()
    if draw < she_share:
        return _SHE_SURNAMES.draw(rng)
    if draw > 0.991:
        return _TWO_CHARACTER_SURNAMES.draw(rng)
    return _SURNAMES.draw(rng)


def invent_given_name(rng: Random, *, male: bool, born_year: int) -> str:
    """A given name of one or two characters in the manner of the years around `born_year`."""
    if born_year < 1962:
        pool = _OLD_MALE if male else _OLD_FEMALE
    elif born_year < 1988:
        pool = _MIDDLE_MALE if male else _MIDDLE_FEMALE
    else:
        pool = _YOUNG_MALE if male else _YOUNG_FEMALE
    first, second = rng.choice(pool), rng.choice(pool)
    draw = rng.random()
    if draw < 0.02:
        second = rng.choice(_RARE)
    return first if draw > 0.86 else first + second
