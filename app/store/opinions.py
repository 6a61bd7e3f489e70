"""Opinions (意见建议): written once, sent on, and shown on this phone to nobody afterwards.

One about a worker is kept sealed from the moment of saving, for the county alone: neither the station
nor the recorder opens it again. An opinion can be taken back; of all that there is to see, it is only that
there was one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.china import CHINA
from app.domain.codes import OpinionTarget
from app.domain.errors import BadInput
from app.domain.facts import Opinion
from app.store.account import SignedIn, signed_in_account
from app.store.store import Store
from app.store.undo import made_with, void


@dataclass(frozen=True, slots=True)
class NewOpinion:
    """An opinion as it was said: `target` is an OpinionTarget. `sealed` is what only the county opens
    (app.domain.sealing): one about a worker has that and no `words`, any other words alone."""

    target: str
    words: str = ""
    sealed: str = ""
    anonymous: bool = False


def opinion_model(
    store: Store, new: NewOpinion, *, account: SignedIn, person: str, visit: str, at: datetime
) -> Opinion:
    """The record of `new`. An anonymous one names neither person nor visit, and knows only its day.

    Raises BadInput without words, for a target that is none, and for words about a worker that are not
    sealed: those are not stored.
    """
    if new.target not in set(OpinionTarget):
        raise BadInput("意见是关于什么的还没选，没有存。请选一项再存。", field="opinion_target")
    is_countys = new.target == OpinionTarget.WORKER
    if is_countys is not bool(new.sealed) or is_countys is bool(new.words):
        raise BadInput("意见还没写，没有存。请写一两句，或者不记意见。", field="opinion_words")
    return Opinion(
        id=store.new_id_of_day() if new.anonymous else store.new_id(),
        campaign=account.campaign.code,
        organisation=account.organisation,
        target=new.target,
        day=at.astimezone(CHINA).date(),
        anonymous=new.anonymous,
        person=None if new.anonymous else person,
        visit=None if new.anonymous else visit,
        words=new.words,
        sealed=new.sealed,
    )


def opinions_with(store: Store, visit: str) -> int:
    """How many opinions were saved on this phone with the visit and stand."""
    return len(_standing(store, visit))


def take_back_opinions(store: Store, visit: str) -> None:
    """Take the opinions saved here with the visit back, in one transaction; they are not opened for it.

    Nothing happens where none stands.
    """
    standing = _standing(store, visit)
    if standing:
        void(store, standing, about=visit, account=signed_in_account(store))


def _standing(store: Store, visit: str) -> list[tuple[str, str, int]]:
    """An anonymous one names its visit nowhere; that they were saved with one press is all that tells."""
    return [one for one in made_with(store, visit) if one[0] == Opinion.entity]
