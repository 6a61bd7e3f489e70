"""The sentences of what is rare in a sync, and of what a worker does about it.

Part of `WORDS` (words.py), in the same shape.
"""

from __future__ import annotations

SYNC_WORDS: dict[str, tuple[str, str]] = {
    # two who were taken for one
    "field.distinct": ("不是同一人", "Not the same person"),
    # an older server
    "net.old.server": (
        "县里的系统还没升级，照常记。存着 {n} 条，升级后自动传",
        "The county's system is not updated yet. Keep recording; {n} saved here are sent then",
    ),
    # a newcomer whom the city did not take
    "newcomer.refused.list": (
        "新增的 {n} 个人市里没收下，要你看一下",
        "{n} added people were not accepted. Please look",
    ),
    "newcomer.refused.go": ("改没收下的 {who}", "Put {who} right"),
    "newcomer.refused.title": ("没收下的人", "Person not accepted"),
    "newcomer.refused.code": ("编号 {code}", "Code {code}"),
    "newcomer.refused.locked": (
        "姓名和号码先遮着。要改姓名、身份证号或电话，请先点显示。",
        "Name and numbers are hidden. Show them first to change them.",
    ),
    "newcomer.refused.save": ("改好重新送", "Save and send again"),
    "newcomer.refused.none": (
        "这个人没有要改的了。",
        "There is nothing to put right about this person any more.",
    ),
    "result.why.old_server": ("县里的系统还没升级，升级后自动传", "the county's system is not updated yet"),
}
