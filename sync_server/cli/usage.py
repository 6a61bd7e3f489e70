"""A command written wrongly, told in one Chinese sentence instead of Typer's English box."""

from __future__ import annotations

from typer.exceptions import TyperException

_HELP = "请用 zoufang --help 或在命令后加 --help 看写法。"


def usage_sentence(fault: TyperException) -> str:
    """What is wrong with the command line, and where its writing is explained; "" if help was shown."""
    if not str(fault):
        return ""
    option = getattr(fault, "option_name", None)
    if option:
        return f"没有选项 {option}，或它少了值。{_HELP}"
    parameter = getattr(fault, "param", None)
    if parameter is None:
        return f"命令写得不对：没有这个命令，或多写了内容。{_HELP}"
    name = parameter.opts[0] if parameter.param_type_name == "option" else parameter.name.upper()
    if type(fault).__name__ == "MissingParameter":
        return f"命令里少了 {name}。{_HELP}"
    return f"{name} 的值填得不对。{_HELP}"
