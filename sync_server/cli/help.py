"""The commands' help with Chinese headings: Typer brings its own in English.

Its headings are constants of a module that draws with rich, so they are set when help is asked for and
not before: every other command starts without it.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

_HEADINGS = {
    "ARGUMENTS_PANEL_TITLE": "参数",
    "OPTIONS_PANEL_TITLE": "选项",
    "COMMANDS_PANEL_TITLE": "命令",
    "DEFAULT_STRING": "[默认：{}]",
    "REQUIRED_LONG_STRING": "[必填]",
}


class _InChinese:
    """What a command and a group of commands say alike; goes in front of the class that draws the help."""

    def format_usage(self: Any, ctx: Any, formatter: Any) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="写法：")

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        option: TyperOption | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "显示这份说明"
        return option

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from typer import rich_utils

        for name, heading in _HEADINGS.items():
            setattr(rich_utils, name, heading)
        super().format_help(ctx, formatter)  # type: ignore[misc]


class _Command(_InChinese, TyperCommand):
    pass


class _Group(_InChinese, TyperGroup):
    pass


class Commands(typer.Typer):
    """A group of commands called `help` in the help; alone it shows what there is."""

    def __init__(self, help: str) -> None:
        super().__init__(
            cls=_Group,
            help=help,
            no_args_is_help=True,
            options_metavar="[选项]",
            subcommand_metavar="命令 ……",
            add_completion=False,  # its two options are explained in English
            pretty_exceptions_enable=False,
        )

    def command(self, name: str | None = None, **more: Any) -> Any:
        return super().command(name, cls=_Command, **more)
