"""Greetings sent to many: what their words may say, and who is in mourning.

A message lies open on somebody's phone, and whoever picks it up reads it: its words name no category,
no hardship and no service, so that nobody learns from it why this person is greeted.
"""

from __future__ import annotations

from datetime import timedelta

# {station}: the place alone (清水村), never the kind of station.
GREETINGS: tuple[str, ...] = (
    "您好！{station}向您和家人问好，祝身体健康、万事如意。",
    "您好！天气炎热，请多保重身体。有事随时和我们说。{station}",
    "您好！{station}祝您和家人平安顺遂，阖家幸福。",
)
LONGEST = 140  # two messages on the bill at the most

# What tells of a category, a hardship or of service, also in part of a word (退役军人, 伤残, 低保户).
_TELLING = (
    "退役", "退伍", "转业", "复员", "军", "部队", "入伍", "服役", "战友", "老兵", "八一", "建军", "立功",
    "参战", "参试", "烈士", "烈属", "遗属", "优抚", "抚恤", "优待证", "伤残", "残疾", "困难", "帮扶", "救助",
    "补助", "慰问金", "低保", "特困", "失业", "下岗", "孤老", "重病", "走访", "名册",
)  # fmt: skip

# The hundred days after a death (百日) in which no house is sent good wishes.
MOURNING = timedelta(days=100)


def telling_words(text: str) -> tuple[str, ...]:
    """What in `text` would tell others why this person is greeted, in the order of the list; empty: none."""
    return tuple(word for word in _TELLING if word in text)
