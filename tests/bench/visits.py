"""Visits in a phone's outbox as workers write them: about 563 B of JSON each, with some Chinese prose."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from random import Random

from app.domain.change import Change
from app.domain.models import Visit
from app.store import heads, outbox
from app.store.account import signed_in_account
from app.store.index import people_index
from app.store.outbox import NewChange
from app.store.store import Store
from sync_server.demo.visits import SHANGHAI

_SAID = (
    "身体还好，血压有点高，按时吃药",
    "儿子在外地打工，过年才回来",
    "反映屋顶漏雨，想请村里来看看",
    "问优待证什么时候办好",
    "说起当年在部队修路的事，很有精神",
    "腿脚不便，下山要人陪",
    "想给孙子找份离家近的活",
    "领到慰问品，托我们谢谢政府",
    "家里刚收完稻子，忙不过来",
    "听力不好，话要说得慢一些",
)
_CHARACTERS = "".join(sorted({character for said in _SAID for character in said}))
_AT_RANDOM = 20  # characters that no dictionary foresees, lest the prose compress better than people's


def _told(chance: Random) -> str:
    return chance.choice(_SAID) + "".join(chance.choices(_CHARACTERS, k=_AT_RANDOM))


def save_visits(store: Store, count: int) -> list[Change]:
    """Visits in the outbox of `store`, written in bulk: how long saving takes is the phone bench's matter."""
    account = signed_in_account(store)
    people = people_index(store).search()
    at = datetime.now(SHANGHAI)
    chance = Random(count)
    visits = [
        Visit(
            id=store.new_id(),
            campaign=account.campaign.code,
            person=people[number * 7 % len(people)],
            organisation=account.organisation,
            performer=account.account_id,
            method="HOME",
            result="MET_SELF",
            at=at - timedelta(minutes=number % 600),
            saved_at=at,
            checklist=("POLICY_BRIEFING", "GREETINGS"),
            note=_told(chance),
        )
        for number in range(count)
    ]
    with store.transaction():
        changes = outbox.append(
            store,
            [NewChange(visit.entity, visit.id, fields=visit.fields_of()) for visit in visits],
            device=account.device,
            actor=account.account_id,
        )
        heads.add_new(store, changes)
    return changes


def now_ms() -> int:
    """The clock, Unix ms."""
    return int(time.time() * 1000)
