"""The sentences of what a visit finds out: needs and their steps, opinions, confirmations, a profile.

Part of `WORDS` (words.py), in the same shape.
"""

from __future__ import annotations

FINDING_WORDS: dict[str, tuple[str, str]] = {
    # the list of needs
    "needs.all": ("全部 {n}", "All {n}"),
    "needs.mine": ("等我办 {n}", "For me {n}"),
    "needs.open": ("办理中 {n}", "Under way {n}"),
    "needs.settled": ("已办结 {n}", "Settled {n}"),
    "needs.filter.label": ("看 {name}", "Show {name}"),
    "needs.none.mine": ("没有等你办的困难。", "No hardship waits for you."),
    "needs.none.here": ("这一类没有。", "None of these."),
    "need.next": ("等你：{move}", "For you: {move}"),
    "need.news": ("有回音", "News"),
    "need.open.label": ("打开{need}", "Open {need}"),
    "need.answers": ("有回音", "News of hardships"),
    # one need
    "need.title": ("困难", "Hardship"),
    "need.gone": ("这件困难不在本机了。", "This hardship is no longer on this phone."),
    "need.cause": ("原因：{cause}", "Cause: {cause}"),
    "need.steps": ("办到哪一步", "How far it has come"),
    "need.step.now": ("现在到这一步", "where it stands now"),
    "need.step.ahead": ("还没到", "not yet"),
    "need.outcome": ("结果：{outcome}", "Outcome: {outcome}"),
    "need.given": ("帮扶：{given}", "Help: {given}"),
    "need.content.yes": ("本人满意", "The person is content"),
    "need.content.no": ("本人不满意", "The person is not content"),
    "need.not_yours": ("现在不用你办。有回音会告诉你。", "Nothing for you to do now. You will hear of it."),
    "need.over": ("这件办完了。", "This is finished."),
    "need.person": ("看这个人", "See the person"),
    # what may be done next
    "move.VERIFIED": ("核实属实", "It is so"),
    "move.NOT_CONFIRMED": ("核实不属实", "It is not so"),
    "move.REPORTED": ("上报", "Report it"),
    "move.again": ("补好材料再报", "Complete and report again"),
    "move.reopen": ("本人不满意，再报一次", "Not content: report again"),
    "move.ACCEPTED": ("受理", "Accept"),
    "move.RETURNED": ("退回补材料", "Send back"),
    "move.ASSIGNED": ("交办", "Assign"),
    "move.IN_PROGRESS": ("开始办", "Begin"),
    "move.CLOSED": ("办结", "Close"),
    "move.FOLLOWED_UP": ("回访", "Follow up"),
    "step.words": ("说明（可不填）", "In a few words (optional)"),
    "step.words.again": ("补了什么（可不填）", "What was added (optional)"),
    "step.outcome": ("办成了什么样", "What came of it"),
    "step.outcome.label": ("结果 {name}", "Outcome {name}"),
    "step.outcome.missing": ("还没选办成了什么样", "Choose what came of it"),
    "step.assistance": ("给了什么帮扶（可不选）", "What help was given (optional)"),
    "step.assistance.label": ("帮扶 {name}", "Help {name}"),
    "step.money": ("帮扶金额（元，可不填）", "Amount of help (yuan, optional)"),
    "step.content": ("本人满意吗（可不选）", "Is the person content (optional)"),
    "step.content.yes": ("满意", "Content"),
    "step.content.no": ("不满意", "Not content"),
    "step.content.label": ("本人 {name}", "The person is {name}"),
    "step.too_late": (
        "这件困难已经走到别的一步，不用再记。",
        "This hardship has moved on. Nothing to record.",
    ),
    "form.need.cause": ("什么原因（可不选）", "Cause (optional)"),
    "form.need.cause.label": ("原因 {name}", "Cause {name}"),
}
