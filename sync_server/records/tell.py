"""Telling the county without the worker: the codes on the printed cards, and what is said with them.

A card belongs to a village and names nobody; its code follows from a kept secret, so that none can be
guessed and no list of them is kept. What is said becomes an opinion of the county, made by a device of
the server's own, and no station below it sees it.
"""

from __future__ import annotations

import base64
import hmac
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from threading import Lock

from sqlalchemy import Connection, Engine, select

from app.domain.change import Change, Fields
from app.domain.codes import OpinionTarget, OrgKind
from app.domain.errors import BadInput, TooManyAttempts, UnknownCode
from app.domain.stamp import hlc_of
from sync_server.db.engine import kept, written
from sync_server.db.tables import devices, organisations
from sync_server.records import heads
from sync_server.records.accounts import have_of, importer
from sync_server.records.campaigns import campaign_in_force
from sync_server.records.intake import accept_changes
from sync_server.records.judge import is_plain
from sync_server.records.organisations import Organisation, organisation
from sync_server.records.sealed import sealed_for
from sync_server.summary.facts import CHINA

LONGEST = 1000  # characters of what may be said
_CODE_LETTERS = 12  # 60 bits: no use in trying
_FORM_HOURS = 24
_HOUR_MS = 3600 * 1000
_EACH_HOUR = {"address": 6, "code": 60}  # a village that sits together over one network still can
_UNKNOWN = "卡片上的网址不对，或已经换了新卡。请照卡片再输一次，也可以直接打县里的电话。"


@dataclass(slots=True)
class Patience:
    """How often something was said lately from one address, and with one card; kept by this process alone."""

    said: dict[tuple[str, str], deque[int]] = field(default_factory=lambda: defaultdict(deque))
    lock: Lock = field(default_factory=Lock)

    def demand(self, *, address: str, code: str, now_ms: int) -> None:
        """Count one more; raises TooManyAttempts beyond what people do."""
        with self.lock:
            for kind, which in (("address", address), ("code", code)):
                times = self.said[kind, which]
                while times and times[0] <= now_ms - _HOUR_MS:
                    times.popleft()
                if len(times) >= _EACH_HOUR[kind]:
                    raise TooManyAttempts("这一小时里说得太多了，没有收下。请过一小时再说，或打县里的电话。")
            for key in (("address", address), ("code", code)):
                self.said[key].append(now_ms)
            self._forget(now_ms)

    def _forget(self, now_ms: int) -> None:
        for key in [key for key, times in self.said.items() if times[-1] <= now_ms - _HOUR_MS]:
            del self.said[key]


def card_code(connection: Connection, village: str) -> str:
    """The code on the cards of a village (its organisation code)."""
    return _code(kept(connection, "card_key"), village)


def village_of_card(connection: Connection, code: str) -> Organisation:
    """The village whose cards bear `code`, as typed; raises UnknownCode."""
    query = select(organisations.c.code).where(organisations.c.kind == OrgKind.VILLAGE.value)
    villages = tuple(connection.execute(query.order_by(organisations.c.code)).scalars())
    found = _codes(kept(connection, "card_key"), villages).get(_plain(code))
    if found is None:
        raise UnknownCode(_UNKNOWN, field="code")
    return organisation(connection, found)


def form_token(connection: Connection, code: str, nonce: str, now_ms: int) -> str:
    """What a form carries, so that no other page can fill it in: `nonce`, the hour, and the server's word."""
    hour = now_ms // _HOUR_MS
    return f"{nonce}.{hour}.{_word(kept(connection, 'card_key'), code, nonce, hour)}"


def tell(engine: Engine, code: str, *, token: str, target: str, words: str, now_ms: int) -> None:
    """Keep what was said as an opinion of the card's county; the same form sent twice is kept once.

    Raises UnknownCode for a card that is none, BadInput for no words, too many, or a form that is not ours
    or is a day old.
    """
    said = words.strip()
    if not said:
        raise BadInput("还没有写。请写几个字再交。", field="words")
    if len(said) > LONGEST or not is_plain(said):
        raise BadInput(f"请写在 {LONGEST} 字以内。", field="words")
    if target not in set(OpinionTarget):
        raise BadInput("请选一下是哪方面的意见。", field="target")

    def keep(connection: Connection) -> None:
        village = village_of_card(connection, code)
        record = _record_of(connection, code, token, now_ms)
        if heads.is_one_there(connection, [record]):
            return
        _keep(connection, village, record, OpinionTarget[target], said, now_ms=now_ms)

    written(engine, keep)


def _keep(
    connection: Connection,
    village: Organisation,
    record: str,
    target: OpinionTarget,
    said: str,
    *,
    now_ms: int,
) -> None:
    county = organisation(connection, village.county)
    device = importer(connection, f"tell:{county.code}", county, now_ms=now_ms)
    connection.execute(select(devices.c.id).where(devices.c.id == device.id).with_for_update())
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(CHINA).date()
    told = f"（{village.name}的卡片）{said}"
    fields: Fields = {
        "campaign": campaign_in_force(connection, today).code,
        "organisation": county.code,
        "target": target.value,
        "day": today.isoformat(),
        "anonymous": True,
    }
    if target == OpinionTarget.WORKER:
        fields["sealed"] = sealed_for(connection, county.county, told)
    else:
        fields["words"] = told
    change = Change(
        device=device.id,
        seq=have_of(connection, device.id) + 1,
        hlc=hlc_of(now_ms),
        actor=device.id,
        entity="opinion",
        record=record,
        fields=fields,
    )
    (receipt,) = accept_changes(connection, device, [change], now_ms=now_ms)
    assert receipt.status == "accepted", receipt.code


def _record_of(connection: Connection, code: str, token: str, now_ms: int) -> str:
    nonce, _, rest = token.partition(".")
    hour, _, word = rest.partition(".")
    is_hour = hour.isascii() and hour.isdigit() and len(hour) < 12
    if not is_hour or not 0 <= now_ms // _HOUR_MS - int(hour) <= _FORM_HOURS:
        raise BadInput("这一页打开太久了。请再扫一次卡片，重新写。", field="token")
    right = _word(kept(connection, "card_key"), code, nonce, int(hour))
    if not hmac.compare_digest(word.encode(), right.encode()):
        raise BadInput("这一页不是从卡片打开的。请再扫一次卡片，重新写。", field="token")
    return f"tell-{sha256(token.encode()).hexdigest()[:32]}"


def _word(secret: str, code: str, nonce: str, hour: int) -> str:
    said = f"form {_plain(code)} {nonce} {hour}"
    return hmac.digest(secret.encode(), said.encode(), "sha256").hex()[:32]


def _plain(code: str) -> str:
    """A code as it is printed; 0 and 1, which no code has, are the letters for which they are taken."""
    return code.strip().upper().replace("0", "O").replace("1", "I")


def _code(secret: str, village: str) -> str:
    drawn = hmac.digest(secret.encode(), f"card {village}".encode(), "sha256")
    return base64.b32encode(drawn).decode()[:_CODE_LETTERS]


@lru_cache(maxsize=4)
def _codes(secret: str, villages: tuple[str, ...]) -> Mapping[str, str]:
    return {_code(secret, village): village for village in villages}
