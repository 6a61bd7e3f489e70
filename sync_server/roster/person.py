"""A roster row as the field values of a Person (app.domain.models)."""

from __future__ import annotations

import re
from typing import Any

from app.domain.codes import AwayStatus, Employment, Honour, LivingTag, Merit
from app.domain.names import fold_width, strip_blanks
from sync_server.roster.model import RosterRow

_LIVING = (
    (r"低保边缘|低边|边缘户", LivingTag.DIBAO_MARGINAL),
    (r"低保(?!边缘)", LivingTag.DIBAO),
    (r"特困|五保", LivingTag.TEKUN),
    (r"独居", LivingTag.LIVING_ALONE),
    (r"空巢", LivingTag.EMPTY_NEST),
    (r"鳏寡|丧偶", LivingTag.WIDOWED),
    (r"孤老|孤寡", LivingTag.LONE_ELDER),
    (r"孤儿", LivingTag.ORPHAN),
    (r"失能|生活不能自理|卧床", LivingTag.DISABLED_CARE),
    (r"重病|大病|重症", LivingTag.SERIOUSLY_ILL),
    (r"受灾", LivingTag.DISASTER_HIT),
)
_EMPLOYMENT = (
    (r"丧失劳动", Employment.UNABLE),
    (r"灵活", Employment.FLEXIBLE),
    (r"创业|个体|经商", Employment.BUSINESS),
    (r"求职|待业", Employment.SEEKING),
    (r"下岗", Employment.LAID_OFF),
    (r"失业|无业", Employment.UNEMPLOYED),
    (r"退休|离休", Employment.RETIRED),
    (r"务农|种地|农民", Employment.FARMING),
    (r"在校|学生|读书", Employment.STUDENT),
    (r"在职|在岗|就业|务工|上班", Employment.EMPLOYED),
)
_HONOURS = ((r"模范退役军人", Honour.MODEL_VETERAN), (r"最美退役军人", Honour.MOST_BEAUTIFUL))
_MERITS = (
    (r"勋章", Merit.MEDAL),
    (r"荣誉称号", Merit.TITLE),
    (r"一等功", Merit.FIRST),
    (r"二等功", Merit.SECOND),
    (r"三等功", Merit.THIRD),
    (r"嘉奖", Merit.COMMENDATION),
)
# One with a number and no name can be told apart; the worker fills the name in.
_NAMELESS = "未写姓名"
# Awards of older days have no fixed rank here: a person decides (domain.md 2.2).
_UNRANKED_MERIT = re.compile(r"特等功|大功|小功|战功|英雄|功臣")


def person_fields(row: RosterRow, *, deceased: bool = False) -> dict[str, Any]:
    """Keyword values for `Person(id=..., **fields)`; what the roster does not say is left out.

    Codes stand for words only where the word is plain; the words themselves go into `note`, with
    the remark beside the name. `duplicate_of` is not among them: it names a record, and only the
    store knows records. `deceased`: the roster lists the person among its dead.
    """
    text = {name: fold_width(strip_blanks(getattr(row, name))) for name in ("living", "employment", "merit")}
    fields: dict[str, Any] = {
        "name": row.name or _NAMELESS,
        "village": row.village,
        "id_number": row.id,
        "id_problem": row.id_problem.value if row.id_problem else None,
        "sex": row.sex.value if row.sex else None,
        "born": row.born,
        "hamlet": row.hamlet,
        "house": row.house or row.address,
        "categories": tuple(category.value for category in row.categories),
        "living": tuple(tag.value for pattern, tag in _LIVING if re.search(pattern, text["living"])),
        "honours": tuple(h.value for pattern, h in _HONOURS if re.search(pattern, text["merit"])),
        "merit": highest_merit(text["merit"]),
        "employment": next((e.value for p, e in _EMPLOYMENT if re.search(p, text["employment"])), None),
        "phones": {phone.number: phone.relation for phone in row.phones},
        "away": None if row.away is None else (AwayStatus.AWAY if row.away else AwayStatus.HOME).value,
        "away_place": row.away_place,
        "card_state": row.card,
        "deceased": deceased,
        "note": "；".join(_remarks(row)),
    }
    return {name: value for name, value in fields.items() if value not in (None, "", (), {}, False)}


def highest_merit(text: str) -> str | None:
    """The code of the highest award that a text names; None if it names one whose rank is not fixed."""
    if _UNRANKED_MERIT.search(text):
        return None
    return next((merit.value for pattern, merit in _MERITS if re.search(pattern, text)), None)


def _remarks(row: RosterRow) -> list[str]:
    served = "至".join(part for part in (row.enlisted, row.discharged) if part)
    labelled = (
        ("", row.name_note),
        ("名册写的电话", row.phones_unread),
        ("服役", served),
        ("立功受奖", row.merit),
        ("生活状况", row.living if not any(re.search(p, row.living) for p, _ in _LIVING) else ""),
        ("", row.note),
    )
    return [f"{label}：{words}" if label else words for label, words in labelled if words]
