"""Who is signed in on this phone, what they may see, and the campaign in force.

The answer to a sign-in is kept as one sealed value, token included. An expired session stays here:
it stops sending and nothing else (P12).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from app.domain.campaign import Campaign
from app.domain.errors import NotSignedIn, WireError
from app.store.numbering import number_anew
from app.store.store import Store


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The account in use. `villages` are the 12-digit codes it may see, in administrative order."""

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


def keep_sign_in(store: Store, answer: dict[str, Any], server_url: str) -> SignedIn:
    """Keep the server's answer to a sign-in, in one transaction, and return who is signed in now.

    What still waits in the outbox is numbered anew when the device id is another one than before:
    the server takes it under the new id, and content that it had already makes no difference there.
    Raises WireError for an answer that is not one; then nothing changes.
    """
    account = _read(answer, server_url)
    sealed = store.codec.seal([json.dumps({"answer": answer, "server_url": server_url}, ensure_ascii=False)])
    with store.transaction():
        store.db.execute(
            """
            INSERT INTO accounts (id, account, is_expired)
            VALUES (1, ?, 0)
            ON CONFLICT (id) DO UPDATE SET account = excluded.account, is_expired = 0
            """,
            sealed,
        )
        number_anew(store, account.device)
        store.touch({"account", "outbox"})
    store.memory["account"] = account
    store.memory.pop("index", None)  # the campaign or the villages may be others
    return account


def keep_new_device(store: Store, device: str, token: str) -> SignedIn:
    """Go on under a fresh device id, in one transaction; what waits is numbered anew under it."""
    row = store.db.execute("SELECT account FROM accounts").fetchone()
    if row is None:
        raise NotSignedIn("这部手机还没有登录过。请先联网登录一次，以后没网也能记。")
    kept = json.loads(store.codec.open([row[0]])[0])
    return keep_sign_in(store, {**kept["answer"], "device": device, "token": token}, kept["server_url"])


def signed_in(store: Store) -> SignedIn | None:
    """The account in use, also when its session has expired; None before the first sign-in."""
    if "account" not in store.memory:
        row = store.db.execute("SELECT account FROM accounts").fetchone()
        if row is None:
            return None
        kept = json.loads(store.codec.open([row[0]])[0])
        store.memory["account"] = _read(kept["answer"], kept["server_url"])
    account: SignedIn = store.memory["account"]
    return account


def signed_in_account(store: Store) -> SignedIn:
    """The account in use; raises NotSignedIn before the first sign-in."""
    account = signed_in(store)
    if account is None:
        raise NotSignedIn("这部手机还没有登录过。请先联网登录一次，以后没网也能记。")
    return account


def mark_session_expired(store: Store) -> None:
    """The server does not take the token any more. Recording goes on; safe to repeat."""
    if is_session_expired(store):
        return
    with store.transaction():
        store.db.execute("UPDATE accounts SET is_expired = 1")
        store.touch({"account"})


def is_session_expired(store: Store) -> bool:
    """True when the worker has to sign in again before anything can be sent."""
    row = store.db.execute("SELECT is_expired FROM accounts").fetchone()
    return row is not None and bool(row[0])


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
            campaign=Campaign.model_validate(answer["campaign"]),
            server_url=server_url,
        )
    except (KeyError, TypeError, ValidationError) as fault:
        raise WireError("服务器对登录的回答读不懂。请更新软件，或请县里检查服务器。") from fault
