"""Who holds this phone now, what they may see, and the campaign in force.

The answer to a sign-in is kept as one sealed value, token included. An expired session stays here:
it stops sending and nothing else (P12). How several workers share a phone is in enrolment.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from app.domain.campaign import Campaign
from app.domain.errors import NotSignedIn, WireError
from app.store import taken_off
from app.store.numbering import number_anew
from app.store.store import Store

NOBODY = 0  # the number under which is kept what was chosen while nobody was signed in
# For other statements: the number of whoever holds the phone.
CURRENT = "COALESCE((SELECT id FROM accounts WHERE is_current = 1), 0)"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The account in use. `villages` are the 12-digit codes it may see, in administrative order.

    `county_key` seals words for the county alone (app.domain.sealing); "" until the next sign-in where the
    last one was with an older server.
    """

    device: str
    token: str
    account_id: str
    account_name: str
    role: str
    organisation: str
    organisation_name: str
    villages: tuple[str, ...]
    campaign: Campaign
    server_url: str
    county_key: str = ""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A worker of this phone. `number` is his on this phone alone.

    `is_expired`: the server takes his device's token no more. `is_out`: he signed out by hand.
    """

    number: int
    account: SignedIn
    is_expired: bool
    is_current: bool
    is_out: bool
    answer: dict[str, Any]


def keep_sign_in(store: Store, answer: dict[str, Any], server_url: str) -> SignedIn:
    """Keep the server's answer to a sign-in, in one transaction, and return who holds the phone now.

    A worker who was here before takes up his drafts and choices again; one who was taken off this phone
    gets his number back. What waits of the workers of
    this device is numbered anew where it bears another device's numbers: the server takes it under the
    new id, and content that it had already makes no difference there. What waits of others stays until
    they sign in. Raises WireError for an answer that is not one; then nothing changes.
    """
    account = _read(answer, server_url)
    here = enrolled(store)
    known = next((one for one in here if _is_same(one.account, account)), None)
    before = next((one for one in here if one.is_current), None)
    returned = taken_off.number_of(store, account.account_id, server_url)
    with store.transaction():
        store.db.execute("UPDATE accounts SET is_current = 0")
        number = _write(store, known.number if known else returned, answer, server_url)
        taken_off.note_returned(store, number)
        # The token is the device's: whoever else is enrolled on it goes on with this one.
        shared = [one for one in here if one.account.device == account.device and one.number != number]
        for one in shared:
            _rewrite(store, one, {**one.answer, "token": account.token}, server_url)
        number_anew(store, account.device, [number, *(one.number for one in shared)])
        if before is not None and (
            known is None or (known.number != before.number and before.account.device != account.device)
        ):
            start_feed_anew(store)  # a cursor belongs to the device it was given to
        store.touch({"account", "outbox", "drafts", "prefs"})
    forget_account(store)
    store.memory["account"] = account
    return account


def keep_new_device(store: Store, device: str, token: str) -> SignedIn:
    """Go on under a fresh device id, in one transaction; what waits is numbered anew under it.

    Every worker of the device that sends goes over to it. Raises NotSignedIn where nobody can send.
    """
    sending = sending_account(store)
    if sending is None:
        raise NotSignedIn(_NEVER)
    moved = [one for one in enrolled(store) if one.account.device == sending.device]
    with store.transaction():
        for one in moved:
            _rewrite(store, one, {**one.answer, "device": device, "token": token}, one.account.server_url)
        number_anew(store, device, [one.number for one in moved])
        taken_off.move_to_device(store, sending.device, device, token)
        store.touch({"account", "outbox"})
    forget_account(store)
    fresh = sending_account(store)
    assert fresh is not None
    return fresh


def signed_in(store: Store) -> SignedIn | None:
    """The account in use, also when its session has expired; None while nobody is signed in."""
    if "account" not in store.memory:
        row = store.db.execute("SELECT account FROM accounts WHERE is_current = 1").fetchone()
        if row is None:
            return None
        kept = json.loads(store.codec.open([row[0]])[0])
        store.memory["account"] = _read(kept["answer"], kept["server_url"])
    account: SignedIn = store.memory["account"]
    return account


def signed_in_account(store: Store) -> SignedIn:
    """The account in use; raises NotSignedIn while nobody is signed in."""
    account = signed_in(store)
    if account is None:
        raise NotSignedIn(_NEVER)
    return account


def sending_account(store: Store) -> SignedIn | None:
    """Whose session carries the outbox: the one in use, or any worker's of this phone that still can."""
    able = [one for one in enrolled(store) if not one.is_expired and not one.is_out]
    able.sort(key=lambda one: not one.is_current)
    return able[0].account if able else None


def enrolled(store: Store) -> list[Enrolled]:
    """Every worker who has signed in on this phone, in order of the first time."""
    if "enrolled" not in store.memory:
        store.memory["enrolled"] = _read_all(store)
    return list(store.memory["enrolled"])


def numbers_on(store: Store, device: str) -> list[int]:
    """The numbers of the workers who are enrolled on `device`."""
    return [one.number for one in enrolled(store) if one.account.device == device]


def mark_session_expired(store: Store, device: str | None = None) -> None:
    """The server does not take the token of `device` (default: any here) any more.

    Recording goes on; safe to repeat.
    """
    gone = [
        one.number
        for one in enrolled(store)
        if not one.is_expired and (device is None or one.account.device == device)
    ]
    if not gone:
        return
    store.memory.pop("enrolled", None)
    with store.transaction():
        store.db.conn.executemany(
            "UPDATE accounts SET is_expired = 1 WHERE id = ?", [(number,) for number in gone]
        )
        store.touch({"account"})


def is_session_expired(store: Store) -> bool:
    """True when the worker who holds the phone has to sign in again."""
    row = store.db.execute("SELECT is_expired FROM accounts WHERE is_current = 1").fetchone()
    return row is not None and bool(row[0])


def villages_of_others(store: Store) -> frozenset[str]:
    """Villages that are on this phone only for its other workers; whoever holds it does not see them.

    Nor those of one who was taken off it, until the server has taken them away.
    """
    off = taken_off.taken_off(store)
    here = enrolled(store) if off or _is_shared(store) else []
    mine = {village for one in here if one.is_current for village in one.account.villages}
    others = {village for one in here for village in one.account.villages}
    return frozenset(others.union(*(one.villages for one in off))) - mine


def villages_elsewhere(store: Store, device: str) -> frozenset[str]:
    """Villages that this phone's workers read under other device ids, and nobody under `device`.

    A worker whose session ended while the next one signed in stays enrolled under the device id of
    his own. What the server says to `device` is no word about his villages.
    """
    here = enrolled(store)
    ours = {village for one in here if one.account.device == device for village in one.account.villages}
    return frozenset(village for one in here for village in one.account.villages) - ours


def start_feed_anew(store: Store) -> None:
    """Pull the whole scope with the next sync, inside the caller's transaction: it has become another.

    Of a phone without a cursor the server cannot say that it begins again. What this pull does not bring
    goes all the same, but for what others here read under another device id (removal.sweep): the scope
    may shrink before the pull is whole.
    """
    store.db.execute(
        "UPDATE feed SET cursor = NULL, is_complete = 0, generation = generation + 1, is_sweeping = 1"
    )
    store.touch({"feed"})


def forget_account(store: Store) -> None:
    """Somebody else may hold the phone now: what was read for the one before is read anew."""
    store.memory.pop("account", None)
    store.memory.pop("enrolled", None)
    store.memory.pop("index", None)  # the campaign or the villages may be others


_NEVER = "这部手机还没有登录过。请先联网登录一次，以后没网也能记。"


def _read_all(store: Store) -> list[Enrolled]:
    rows = store.db.execute(
        "SELECT id, account, is_expired, is_current, is_out FROM accounts ORDER BY id"
    ).fetchall()
    kept = [json.loads(text) for text in store.codec.open([row[1] for row in rows])]
    return [
        Enrolled(
            number=row[0],
            account=_read(said["answer"], said["server_url"]),
            is_expired=bool(row[2]),
            is_current=bool(row[3]),
            is_out=bool(row[4]),
            answer=said["answer"],
        )
        for row, said in zip(rows, kept, strict=True)
    ]


def _is_shared(store: Store) -> bool:
    return store.db.execute("SELECT COUNT(*) > 1 FROM accounts").fetchone()[0] == 1


def _is_same(one: SignedIn, other: SignedIn) -> bool:
    return (one.account_id, one.server_url) == (other.account_id, other.server_url)


def _write(store: Store, number: int | None, answer: dict[str, Any], server_url: str) -> int:
    """Let this worker hold the phone; a new one (`number` None) gets a number, which is returned."""
    found = store.db.execute(
        """
        INSERT INTO accounts (id, account, is_current)
        VALUES (
            -- Never one that somebody had who was taken off: his work still bears it.
            COALESCE(
                ?1,
                (SELECT MAX(id) + 1 FROM (SELECT id FROM accounts UNION ALL SELECT id FROM taken_off)),
                1
            ),
            ?2,
            1
        )
        ON CONFLICT (id) DO UPDATE
        SET account = excluded.account, is_current = 1, is_expired = 0, is_out = 0
        RETURNING id
        """,
        (number, _sealed(store, answer, server_url)),
    ).fetchone()
    return int(found[0])


def _rewrite(store: Store, one: Enrolled, answer: dict[str, Any], server_url: str) -> None:
    store.db.execute(
        "UPDATE accounts SET account = ?, is_expired = 0 WHERE id = ?",
        (_sealed(store, answer, server_url), one.number),
    )


def _sealed(store: Store, answer: dict[str, Any], server_url: str) -> bytes:
    text = json.dumps({"answer": answer, "server_url": server_url}, ensure_ascii=False)
    return store.codec.seal([text])[0]


def _read(answer: dict[str, Any], server_url: str) -> SignedIn:
    try:
        return SignedIn(
            device=str(answer["device"]),
            token=str(answer["token"]),
            account_id=str(answer["account"]["id"]),
            account_name=str(answer["account"]["name"]),
            role=str(answer["account"]["role"]),
            organisation=str(answer["organisation"]["code"]),
            organisation_name=str(answer["organisation"]["name"]),
            villages=tuple(str(code) for code in answer["villages"]),
            # What a newer server's campaign says beside is not this version's concern (P14).
            campaign=Campaign.model_validate(answer["campaign"], extra="ignore"),
            server_url=server_url,
            county_key=str(answer.get("county_key", "")),
        )
    except (KeyError, TypeError, ValidationError) as fault:
        raise WireError("服务器对登录的回答读不懂。请更新软件，或请县里检查服务器。") from fault
