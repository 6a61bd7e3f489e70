"""Why something failed, in the words of the one who has to put it right.

The system, TOML and pydantic say it in English and for programmers. What is not foreseen here is said
in general words: a sentence of ours never carries a foreign one.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping, Sequence
from typing import Any

_OS_REASONS = {
    errno.ENOENT: "没有这个文件夹或文件",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "那里只能读，不能写",
    errno.ENOSPC: "磁盘满了",
    errno.EDQUOT: "磁盘配额用完了",
    errno.ENOTDIR: "路径里有一段不是文件夹",
    errno.EISDIR: "那是一个文件夹，不是文件",
    errno.EEXIST: "同名的文件已经在那里",
    errno.ENAMETOOLONG: "名字太长",
    errno.EBUSY: "正被别的程序占用",
}
_FIELD_REASONS = {
    "missing": "没有填写",
    "extra_forbidden": "不是认得的项目，请核对拼写",
    "string_type": "应是加引号的文字",
    "bool_type": "应是 true 或 false",
    "bool_parsing": "应是 true 或 false",
    "int_type": "应是整数",
    "int_parsing": "应是整数",
    "int_from_float": "应是整数",
    "tuple_type": "应是方括号里的一列",
    "model_type": "应是一组项目",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "too_short": "至少要有 {min_length} 项",
    "string_too_short": "不能空着",
    "string_too_long": "太长，最多 {max_length} 个字",
    "string_pattern_mismatch": "写法不对，代码只用字母、数字和下划线",
    "literal_error": "不在可选的几个里",
}
_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)", re.ASCII)


def os_reason(fault: OSError) -> str:
    """What the system objected to, as part of a sentence: 没有权限."""
    return _OS_REASONS.get(fault.errno or 0, "系统不允许")


def toml_reason(fault: ValueError) -> str:
    """Where a text stops being TOML, as part of a sentence: 第 3 行第 7 个字."""
    found = _TOML_PLACE.search(str(fault))
    return f"第 {found[1]} 行第 {found[2]} 个字" if found else "末尾"


def place_of(location: Sequence[int | str]) -> str:
    """A field's place in a file as its writer counts: columns 第 4 项的 metric."""
    said = ""
    for step in location:
        if isinstance(step, int):
            said += f" 第 {step + 1} 项"
        else:
            said += f"的 {step}" if said.endswith("项") else f".{step}" if said else step
    return said or "整个文件"


def field_reason(error: Mapping[str, Any]) -> str:
    """What is wrong with a value, of an entry of pydantic's `ValidationError.errors()`."""
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])  # said by a validator of ours
    if kind.startswith("date"):
        return "应是日期，如 2022-08-01"
    return _FIELD_REASONS.get(kind, "填得不对").format_map(context)
