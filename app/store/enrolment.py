"""A shared phone: who has signed in on it, who holds it now, and what each of them sees.

The phone is one device with one outbox and one feed, of which the scope is the union of its workers'.
What a worker sees is his own: his drafts, his choices, his records, the people of his villages.
"""

from __future__ import annotations

from app.domain.errors import BadInput
from app.store import removal
from app.store.account import CURRENT, SignedIn, enrolled, forget_account, start_feed_anew
from app.store.inbox import feed_state
from app.store.store import Store
from app.store.taken_off import TakenOff, demand_nothing_waits, note_taken_off, waits_of


def workers_here(store: Store) -> list[SignedIn]:
    """Who can take the phone without a password: enrolled and not signed out."""
    return [one.account for one in enrolled(store) if not one.is_out]


def enrolling_token(store: Store, server_url: str) -> str:
    """The token with which the next worker is enrolled on this device at `server_url`; "" for none.

    Without one the sign-in makes a new device. A device that was switched off enrols nobody.
    """
    if feed_state(store).is_revoked:
        return ""
    found = [one for one in enrolled(store) if one.account.server_url == server_url and not one.is_expired]
    found.sort(key=lambda one: not one.is_current)
    return found[0].account.token if found else ""


def switch_to(store: Store, account_id: str) -> SignedIn:
    """Hand the phone to another worker of it, in one transaction, with or without a network.

    Unsent work of everybody stays and goes on being sent. Raises BadInput for somebody who is not
    enrolled here or has signed out.
    """
    here = enrolled(store)
    wanted = next((one for one in here if one.account.account_id == account_id and not one.is_out), None)
    if wanted is None:
        raise BadInput("这个人在本机已经退出。请用账号和密码登录。")
    before = next((one for one in here if one.is_current), None)
    with store.transaction():
        store.db.execute("UPDATE accounts SET is_current = (id = ?)", (wanted.number,))
        if before is not None and before.account.device != wanted.account.device:
            start_feed_anew(store)  # a cursor belongs to the device it was given to
        store.touch({"account", "outbox", "drafts", "prefs"})
    forget_account(store)
    return wanted.account


def sign_out(store: Store) -> None:
    """Whoever holds the phone gives it back, in one transaction; nothing happens where nobody does.

    What he saved and what he began stay: his unsent work goes with the next worker's session or waits
    for his own, and he finds his drafts when he signs in again.
    """
    with store.transaction():
        store.db.execute("UPDATE accounts SET is_out = 1, is_current = 0 WHERE is_current = 1")
        store.touch({"account", "outbox", "drafts", "prefs"})
    forget_account(store)


def take_off(store: Store, account_id: str) -> None:
    """Take an account off this shared phone, in one transaction, with or without a network.

    The server is told with the next sync; then what only this account may see goes (taken_off.py). What was
    refused stays at the server for a reviewer, and here for him to find when he signs in again. Raises
    BadInput for one that is not here, for whoever holds the phone, and, with what is to be done first,
    while anything of it waits; then nothing has changed.
    """
    here = enrolled(store)
    gone = next((one for one in here if one.account.account_id == account_id), None)
    if gone is None:
        raise BadInput("这个账号已经不在本机上了。")
    if gone.is_current or len(here) == 1:
        raise BadInput("这个账号正在用，先不移走。请先换成别人，再来移。")
    demand_nothing_waits(waits_of(store, gone.number))
    account = gone.account
    with store.transaction():
        off = TakenOff(
            number=gone.number,
            account_id=account.account_id,
            device=account.device,
            token=account.token,
            server_url=account.server_url,
            villages=account.villages,
            since_ms=int(gone.answer.get("time", 0)),
        )
        note_taken_off(store, off)
        left = [one.account for one in here if one is not gone]
        if all(one.device != off.device for one in left):
            # He was here under a device id of his own: the feed of the others' will not take these away.
            theirs = {village for one in left for village in one.villages}
            removal.hide(store, sorted(removal.records_in(store, set(off.villages) - theirs)))
            removal.delete_gone(store)
        store.touch({"account", "outbox", "drafts", "prefs"})
    forget_account(store)


def unsent_of_others(store: Store) -> int:
    """How many visits of this phone's other workers have not been received yet."""
    (count,) = store.db.execute(
        f"""
        SELECT COUNT(DISTINCT about)
        FROM outbox
        WHERE state IN ('saved', 'sent') AND account <> {CURRENT}
        """
    ).fetchone()
    return int(count)
