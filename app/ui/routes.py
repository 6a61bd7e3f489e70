"""The route table: the only list of screens. A screen goes with its file and its line here.

Each of the four places carries the same pages below it, so that Back always leads to where the
worker was: the list, at the same place, with the same search.
"""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from app.ui.screens.activities import Activities
from app.ui.screens.activity import ActivityPage
from app.ui.screens.conflict import Conflict
from app.ui.screens.finding import FindingPage
from app.ui.screens.greeting import Greeting
from app.ui.screens.handover import HandoverPage
from app.ui.screens.help import Help
from app.ui.screens.left import Left
from app.ui.screens.me import Me
from app.ui.screens.more import More
from app.ui.screens.need import NeedPage
from app.ui.screens.need_step import NeedStepPage
from app.ui.screens.needs import Needs
from app.ui.screens.newcomer import AddPerson
from app.ui.screens.newcomer_mend import NewcomerMend
from app.ui.screens.paper import Paper
from app.ui.screens.person import PersonPage
from app.ui.screens.profile_edit import ProfileEditPage
from app.ui.screens.profile_history import ProfileHistory
from app.ui.screens.record import Record
from app.ui.screens.records import Records
from app.ui.screens.roster import Roster
from app.ui.screens.sign_in import SignIn
from app.ui.screens.text_size import TextSize
from app.ui.screens.today import Today
from app.ui.screens.visit_form import VisitPage
from app.ui.screens.workers import Workers


def _need() -> ft.Route:
    step = ft.Route(path="step/:state", component=NeedStepPage)
    return ft.Route(path="need/:need", component=NeedPage, children=[step])


def _edit() -> ft.Route:
    return ft.Route(path="edit", component=ProfileEditPage)


def _people() -> list[ft.Route]:
    """A person's page and the forms about him, below any list of people."""
    return [
        ft.Route(
            path="person/:person",
            component=PersonPage,
            children=[
                ft.Route(path="visit", component=VisitPage, children=[_edit()]),
                ft.Route(path="conflict", component=Conflict),
                ft.Route(path="record/:visit", component=Record),
                ft.Route(path="mend/:mended", component=VisitPage),
                ft.Route(path="amend/:amended", component=VisitPage),
                _edit(),
                ft.Route(path="found/:kind", component=FindingPage),
                ft.Route(path="changes", component=ProfileHistory),
                ft.Route(path="refused", component=NewcomerMend),
                _need(),
            ],
        ),
        _need(),
        ft.Route(path="visit/:person", component=VisitPage, children=[_edit()]),
    ]


def _place(path: str, component: Callable[[], ft.View]) -> ft.Route:
    return ft.Route(
        path=path,
        component=component,
        children=[
            *_people(),
            ft.Route(path="conflict/:person", component=Conflict),
            ft.Route(path="record/:visit", component=Record),
            ft.Route(path="mend/:mended", component=VisitPage),
            ft.Route(path="amend/:amended", component=VisitPage),
            ft.Route(path="text", component=TextSize),
            ft.Route(path="add", component=AddPerson),
            ft.Route(path="newcomer/:person", component=NewcomerMend),
            ft.Route(path="greet", component=Greeting),
            ft.Route(path="more", component=More),
            ft.Route(path="paper", component=Paper),
            ft.Route(path="left", component=Left, children=_people()),
            ft.Route(
                path="activities",
                component=Activities,
                children=[
                    ft.Route(path="new", component=ActivityPage),
                    ft.Route(path="amend/:activity", component=ActivityPage),
                ],
            ),
            ft.Route(
                path="me",
                component=Me,
                children=[
                    ft.Route(path="handover", component=HandoverPage),
                    ft.Route(path="help", component=Help),
                ],
            ),
            ft.Route(path="workers", component=Workers),
        ],
    )


ROUTES = [
    _place("/roster", Roster),
    _place("/needs", Needs),
    _place("/records", Records),
    ft.Route(path="/sign-in", component=SignIn),
    _place("/", Today),
]
