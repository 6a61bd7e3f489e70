"""What a village is called on a phone that knows most of them by code alone."""

from __future__ import annotations

from collections import Counter

from app.domain.divisions import spoken_name
from app.state.session import Session
from app.store.index import PeopleIndex
from app.ui.theme import Look
from app.ui.words import words


def village_names(look: Look, session: Session, index: PeopleIndex) -> dict[str, str]:
    """What each of the account's villages is called here: the own one by name, others by their hamlets.

    The phone knows other villages by code alone; a worker knows them by who lives where. A village of
    which nobody is here yet is called by its code.
    """
    account = session.account
    hamlets: dict[str, Counter[str]] = {code: Counter() for code in account.villages}
    for person in index.search():
        row = index.row(person)
        if row.hamlet and row.village in hamlets:
            hamlets[row.village][row.hamlet] += 1
    named = {}
    for code, found in hamlets.items():
        often = "、".join(hamlet for hamlet, _ in found.most_common(2))
        if code == account.organisation:
            named[code] = spoken_name(account.organisation_name)
        elif often:
            named[code] = words(look.language, "newcomer.village.like", hamlets=often)
        else:
            named[code] = code
    return named
