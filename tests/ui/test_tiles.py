"""The tiles of 今天: names that tell groups apart, and a place for each that it keeps."""

from __future__ import annotations

from app.store.store import Store
from app.store.visits import record_visit
from tests.fakes import FakeClock, campaign, visit_to
from tests.ui.conftest import opened, run, session_over


def test_a_tile_keeps_its_place_when_nobody_of_its_group_is_left(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        phone = await opened(session)

        def tiles() -> list[str]:
            return [label for label in phone.labels() if "，还剩" in label]

        assert tiles() == [
            "生活困难，还剩1人",
            "鳏寡孤独，还剩1人",
            "80岁以上，还剩1人",
            "二等功以上，还剩1人",
            "三属，还剩1人",
        ]
        record_visit(store, visit_to("p-zhang"))
        record_visit(store, visit_to("p-wang", result="NOT_MET"))
        await phone.settle()
        assert tiles() == [
            "生活困难，还剩1人",
            "鳏寡孤独，还剩0人",
            "80岁以上，还剩0人",
            "二等功以上，还剩0人",
            "三属，还剩1人",
            "上次未遇，还剩1人",
        ]
        await phone.tap("80岁以上，还剩0人")
        assert "打开上坞12号张**" in phone.labels()

    run(body)


def test_no_groups_name_is_part_of_another(store: Store) -> None:
    names = [group.label for group in campaign().groups]
    assert [(a, b) for a in names for b in names if a != b and a in b] == []
