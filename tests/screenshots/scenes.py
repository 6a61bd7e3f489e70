"""What is pictured: a phone of an invented village, the route of each screen, and what is tapped there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.domain.facts import Activity
from app.state.typed import CHINA
from app.store.inbox import apply_page
from app.store.store import Store
from app.store.visits import record_visit
from tests.fakes import VILLAGE, FakeClock, answer_of, head_of, person, signed_in_store, visit_to
from tests.screenshots.finding_scenes import fill_findings

_SURNAMES = "赵钱孙李周吴郑王冯陈"
_GIVEN = ("小满", "一禾", "文", "建国", "秀英", "桂花", "得水", "长生")


@dataclass(frozen=True)
class Scene:
    """A screen: its route and the labels tapped before the picture, by language."""

    name: str
    route: str
    taps: tuple[tuple[str, str], ...] = ()
    fill: str = "village"


SCENES = (
    Scene("today", "/"),
    Scene("today-empty", "/", fill="nobody"),
    Scene("today-done", "/", fill="done"),
    Scene("left", "/left"),
    Scene("more", "/more", fill="done"),
    Scene("paper", "/paper"),
    Scene("paper-write", "/paper", (("按名册顺序", "In the roster"),)),
    Scene("roster", "/roster"),
    Scene("person", "/roster/person/q-03"),
    Scene("visit", "/roster/visit/q-03"),
    Scene("newcomer", "/roster/add"),
    Scene("needs", "/needs"),
    Scene("records", "/records"),
    Scene("text", "/text"),
    Scene("me", "/me"),
    Scene("handover", "/me/handover"),
    Scene("help", "/me/help", (("没有网", "No network"),)),
    Scene("workers", "/workers"),
    Scene("greet-how", "/greet", (("用短信问候", "Greet by SMS"),)),
    Scene("greet-who", "/greet", (("用短信问候", "Greet by SMS"), ("下一步", "Next"))),
    Scene(
        "greet-send",
        "/greet",
        (("用短信问候", "Greet by SMS"), ("下一步", "Next"), ("全选", "All"), ("下一步，", "Next, ")),
    ),
    Scene("needs-many", "/needs", fill="findings"),
    Scene("need", "/needs/need/n-1", fill="findings"),
    Scene("need-urgent", "/needs/need/n-3", fill="findings"),
    Scene("need-done", "/needs/need/n-4", fill="findings"),
    Scene(
        "need-step", "/needs/need/n-4/step/FOLLOWED_UP", (("本人 满意", "The person is Content"),), "findings"
    ),
    Scene("person-much", "/roster/person/f-1", fill="findings"),
    Scene("edit", "/roster/person/f-1/edit", fill="findings"),
    Scene(
        "edit-shown",
        "/roster/person/f-2/edit",
        (("显示后再改", "Show, then"), ("显示姓名，因为走访", "Show names: visit")),
        "findings",
    ),
    Scene("changes", "/roster/person/f-1/changes", fill="findings"),
    Scene(
        "confirm", "/roster/person/f-1/found/confirm", (("确认 正常", "Confirmation As before"),), "findings"
    ),
    Scene("card", "/roster/person/f-1/found/card", fill="findings"),
    Scene("file", "/roster/person/f-1/found/file", fill="findings"),
    Scene("exemplary", "/roster/person/f-1/found/exemplary", fill="findings"),
    Scene(
        "visit-need",
        "/roster/visit/f-2",
        (("发现困难", "Hardship found"), ("困难 住房", "Hardship Housing"), ("程度 紧急", "Severity Urgent")),
        "findings",
    ),
    Scene(
        "visit-opinion",
        "/roster/visit/f-2",
        (("意见建议", "Opinion"), ("意见关于 工作者", "Opinion about Workers")),
        "findings",
    ),
    Scene(
        "death",
        "/roster/visit/f-2",
        (("结果 已故", "Result Deceased"), ("保存到本机", "Save on")),
        "findings",
    ),
    Scene("activities", "/records/activities"),
    Scene("activity", "/records/activities/new"),
)


def fill_with(name: str, path: Path) -> Store:
    """The phone's store at `path`, filled for the scenes of that `fill`."""
    clock = FakeClock()
    store = signed_in_store(path, clock)
    _FILLS[name](store, clock)
    return store


def _village(store: Store, clock: FakeClock) -> None:
    """Sixty-four people of two villages with long names, rare characters and everything a row can show."""
    rows = [
        person(
            f"q-{n:02}",
            name=_SURNAMES[n % 10] + _GIVEN[n % 8],
            hamlet=("上坞", "下坞", "枫树岭后湾自然村", "")[n % 4],
            house=f"{n + 1}号",
            sex="MF"[n % 2],
            born=f"{1935 + n}-03-01",
            living=("LIVING_ALONE", "SERIOUSLY_ILL") if n % 7 == 3 else (),
            merit="SECOND" if n % 9 == 3 else None,
            employment="LAID_OFF" if n % 8 == 5 else None,
            phones={f"139000000{n:02}": "本人"} if n % 5 else {},
            away="OUT_OF_CITY" if n % 6 == 1 else None,
            away_place="温州市鹿城区" if n % 6 == 1 else "",
            no_call=n == 8,
        )
        for n in range(60)
    ]
    rows += [
        person(
            "r-1",
            name="欧阳𠅤𬱖",
            hamlet="上坞",
            house="70号",
            sex="M",
            born="1958",
            phones={"13900000070": "本人"},
        ),
        person("r-2", name="阿卜杜拉·麦合木提江·买买提", hamlet="上坞", house="71号", sex="M", born="1980"),
        person("r-3", name="司𫖯", hamlet="上坞", house="72号", sex="F", born="1990"),
    ]
    meeting = Activity(
        id="a-1", campaign="lishui-2022", organisation=VILLAGE, performer="worker-9", kind="DEEDS_TALK",
        at=datetime(2022, 7, 20, 9, tzinfo=CHINA), place="清水村文化礼堂二楼会议室",
        attendance={"VETERAN": 31, "FAMILY": 9},
        minutes="讲了老连长的事，大家听得很认真。",
    )  # fmt: skip
    apply_page(store, "phone-1", answer_of(rows=[head_of(row) for row in (*rows, meeting)]))
    at = datetime.fromtimestamp(clock.now / 1000, CHINA)
    for n in range(0, 24, 2):
        result = "NOT_MET" if n % 8 == 4 else "MET_SELF"
        record_visit(store, visit_to(f"q-{n:02}", result=result, at=at, checklist=("POLICY_BRIEFING",)))


def _nobody(store: Store, clock: FakeClock) -> None:
    """Signed in, and no roster yet."""


def _done(store: Store, clock: FakeClock) -> None:
    """Everybody is reached."""
    rows = [person(f"q-{n}", name=f"钱{_GIVEN[n]}", hamlet="上坞", house=f"{n}号") for n in range(3)]
    apply_page(store, "phone-1", answer_of(rows=[head_of(row) for row in rows]))
    for row in rows:
        record_visit(store, visit_to(row.id))


_FILLS: dict[str, Callable[[Store, FakeClock], None]] = {
    "village": _village,
    "nobody": _nobody,
    "done": _done,
    "findings": fill_findings,
}
