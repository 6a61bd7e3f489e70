"""What a village is called: its name where the phone knows it, else by who lives there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import flet as ft

from app.domain.divisions import spoken_name
from app.state.session import Session
from app.store.index import PeopleIndex
from app.ui.parts.shapes import section
from app.ui.parts.tap import calls, choice, grid
from app.ui.parts.text import fitting_columns
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


def village_picker(
    look: Look,
    session: Session,
    index: PeopleIndex,
    chosen: str,
    choose: Callable[[str], None],
    *,
    title: str = "left.village",
) -> list[ft.Control]:
    """选一个村 where the phone has several: one of them, or the chosen one again for all.

    `title`: a key of the words.
    """
    codes = sorted(index.villages())
    if len(codes) < 2:
        return []
    named = village_names(look, session, index)
    cells: list[ft.Control] = [
        choice(
            look,
            named.get(code, code),
            label=words(look.language, "newcomer.village.label", name=named.get(code, code)),
            is_chosen=code == chosen,
            on_click=calls(choose, "" if code == chosen else code),
        )
        for code in codes
    ]
    columns = fitting_columns(look, list(named.values()), 2)
    return [section(look, words(look.language, title)), grid(look, cells, columns=columns)]
