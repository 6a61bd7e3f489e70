"""Entry of the packaged phone app (flet run, flet build, the page); all code is in app/."""

import flet as ft

from app.ui.shell import main

ft.run(main)
