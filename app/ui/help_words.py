"""The help in the worker's words: a question and its answer each, in the order in which they are asked.

Part of `WORDS` (words.py), in the same shape.
"""

from __future__ import annotations

# name: question (zh, en), answer (zh, en)
_ASKED: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "offline": (
        ("没有网，记的会不会丢？", "No network: can records be lost?"),
        (
            "不会。按了保存就存在本机，关机、没电都在。有网时自动传，市里收到了会有回执。",
            "No. Once saved it is on this phone, also without power. It is sent by itself when there is a "
            "network, and the city's receipt is shown.",
        ),
    ),
    "states": (
        ("“存在本机”“已送出”“市里已收到”是什么意思？", "What do the states mean?"),
        (
            "存在本机：只在这部手机上。已送出：正等回执。市里已收到：有回执号，两边都有了。",
            "Saved: on this phone only. Sent: waiting for the receipt. City has it: there is a receipt, "
            "and both sides have it.",
        ),
    ),
    "refused": (
        ("“没收下”怎么办？", "What if a record was not accepted?"),
        (
            "到“记录”里打开它，写着为什么，照着改了再存。记录一直在本机，没有丢。",
            "Open it under Records: the reason is there. Correct and save. It stays on this phone meanwhile.",
        ),
    ),
    "wrong": (
        ("记错了怎么改？", "How do I correct a mistake?"),
        (
            "24 小时内可以撤销。以后打开那条，点“更正这条”，原来的也留着。",
            "Undo it within 24 hours. Later open it and correct it; what stood before is kept.",
        ),
    ),
    "not_met": (
        ("去了没人在，怎么记？", "Nobody was at home. What do I record?"),
        (
            "结果选“未遇”。这个人还留在名单里，三天后会提醒再去一次。",
            "Choose “not met”. The person stays on the list; after three days you are asked to try again.",
        ),
    ),
    "death": (
        ("听说人已经过世，怎么办？", "I hear that the person has died."),
        (
            "结果选“已故”。问候和名单马上不再出现他。家里百日之内，成批问候也不发。",
            "Choose “deceased”. He leaves greetings and lists at once, and his house gets no bulk greeting "
            "for a hundred days.",
        ),
    ),
    "two": (
        ("“两处不一样”是什么？", "What does “two entries differ” mean?"),
        (
            "同一个人的资料，两边各改了一次。点进去各选一个，不急，以后再选也行。",
            "Two people changed the same entry. Open it and choose one; it can wait.",
        ),
    ),
    "many": (
        ("过节要问候很多人，能一次记吗？", "Can I greet many people at once?"),
        (
            "今天页最下面“成批问候”。软件只帮你打开短信或微信，发出去以后一次存。",
            "“Greet many at once” at the foot of Today. The app only opens the messages; after sending, "
            "save all of them together.",
        ),
    ),
    "paper": (
        ("年纪大的同事用不惯手机，能用纸吗？", "Can a colleague use paper?"),
        (
            "能。“按自然村看还有谁”里有“打印走访单、从纸单补记”，回来按纸上的顺序记。",
            "Yes. Under “Who is left, by hamlet” a sheet is printed, and written up in its order.",
        ),
    ),
    "names": (
        ("为什么看不到名字？", "Why are names hidden?"),
        (
            "怕别人看见。点右上角“显示”，选一个用处，十分钟后自动隐去。",
            "So that others cannot read them. Tap “Show” and choose a reason; they hide after ten minutes.",
        ),
    ),
    "change": (
        ("换手机、换人了怎么办？", "A new phone or a new worker?"),
        (
            "有网：新手机登录就有名册。没网：“我的”里的“交接”，存一份文件给对方收。",
            "With a network: sign in on the new phone. Without: “Hand over” under Me saves a file that the "
            "other phone takes in.",
        ),
    ),
    "place": (
        ("会不会记我去了哪里、排名次？", "Is my place recorded, am I ranked?"),
        (
            "不会。软件不记位置，不排名次，照片也不强求。",
            "No. No place is recorded, nobody is ranked, and photos are never demanded.",
        ),
    ),
}

HELP: tuple[str, ...] = tuple(_ASKED)

HELP_WORDS: dict[str, tuple[str, str]] = {
    "help.title": ("帮助", "Help"),
    "help.open": ("帮助", "Help"),
    "help.context": ("没网也能看", "Works without network"),
    **{f"help.{name}": question for name, (question, _) in _ASKED.items()},
    **{f"help.{name}.answer": answer for name, (_, answer) in _ASKED.items()},
}
