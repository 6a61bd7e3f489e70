"""What the small labels on a person say in English; in Chinese they are the campaign's own words."""

from __future__ import annotations

from app.ui.theme import Look

_ENGLISH = {
    "重复登记": "Listed twice", "低保": "Low-income aid", "特困": "Destitute", "低保边缘": "Near low income",
    "独居": "Lives alone", "空巢": "Empty nest", "鳏寡": "Widowed", "孤老": "Lone elder", "孤儿": "Orphan",
    "失能/半失能": "Needs care", "重病": "Seriously ill", "受灾": "Disaster-hit",
    "模范退役军人": "Model veteran", "最美退役军人": "Most admired veteran", "勋章": "Medal",
    "荣誉称号": "Title of honour", "一等功": "Merit 1st class", "二等功": "Merit 2nd class",
    "三等功": "Merit 3rd class", "嘉奖": "Commended", "三属": "Bereaved family", "外地": "Away",
    "失业": "Out of work", "下岗": "Laid off", "求职中": "Seeking work",
}  # fmt: skip


def tag_words(look: Look, label: str) -> str:
    """A label of IndexRow.tags in the language of the screen; one that is not known as it stands."""
    return _ENGLISH.get(label, label) if look.language == "en" else label
