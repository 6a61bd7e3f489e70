"""What a screen watches: queries asked again after a commit, and observables.

A screen reads the store when it is drawn and is drawn anew when a table it asked for has changed;
synchronising never hands it data. Changes reach components through Flet's own observables, one a
table: their subscriptions end with the component, whereas a clean-up returned by an effect is lost
at the next render in Flet 1.0.5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import flet as ft

if TYPE_CHECKING:
    from app.state.session import Session
    from app.store.store import Store

Answer = TypeVar("Answer")
Watched = TypeVar("Watched")

SessionContext: Any = ft.create_context(None)


@ft.observable
@dataclass
class Pulse:
    """Beats once for every commit that touched one table."""

    beats: int = 0


def use_session() -> Session:
    """The session that the shell gave to all screens. A hook: call it at the top of a component."""
    session: Session = ft.use_context(SessionContext)
    return session


def use_watched(watched: Watched) -> Watched:
    """`watched` (an observable), and a new drawing when one of its fields changes. A hook."""
    # Observables are callables to nobody, so use_state keeps the thing itself and subscribes to it.
    ft.use_state(watched)
    return watched


def use_live(query: Callable[[Store], Answer], *tables: str) -> Answer:
    """`query(store)`, asked again after every commit that touches one of `tables`. A hook.

    The number of tables must be the same at each call, as for every hook.
    """
    session = use_session()
    for table in tables:
        use_watched(session.pulse(table))
    return query(session.store)
