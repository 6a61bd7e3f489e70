from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.domain.models import Need, Person, Visit
from app.store import drafts
from app.store.account import keep_sign_in
from app.store.inbox import apply_page
from app.store.index import Attempt, IndexRow, PeopleIndex, Progress, people_index
from app.store.people import edit_person, person_view
from app.store.store import Store, open_store
from app.store.visits import NewNeed, record_visit, undo_visit
from tests.fakes import (
    NOON,
    OTHER_VILLAGE,
    VILLAGE,
    FakeClock,
    answer_of,
    head_of,
    person,
    sign_in_answer,
    signed_in_store,
    visit_to,
)

PEOPLE = [
    person("a", name="张三", hamlet="上坞", house="100", born="1940-03-02", phones={"13900001234": "本人"}),
    person("b", name="单于秀", hamlet="上坞", house="12", born="1960-03-02", living=("DIBAO",)),
    person("c", name="曾乐", hamlet="下坞", house="2号", merit="FIRST", categories=("MARTYR_SURVIVOR",)),
    person("d", name="王重阳", hamlet="下坞", house="", away="OUT_OF_CITY", away_place="温州"),
    person("e", name="李四", village=OTHER_VILLAGE, hamlet="前门", house="1", deceased=True),
]


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    store = signed_in_store(tmp_path / "phone.db", clock)
    apply_page(store, "phone-1", answer_of(rows=[head_of(one) for one in PEOPLE]))
    yield store
    store.close()


@pytest.fixture
def index(store: Store) -> PeopleIndex:
    return people_index(store)


def test_the_list_goes_by_hamlet_house_number_and_name_without_the_deceased(index: PeopleIndex) -> None:
    assert index.search() == ["b", "a", "c", "d"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("张", ["a"], id="part of the name"),
        pytest.param("zs", ["a"], id="initials"),
        pytest.param("ZS", ["a"], id="initials in capitals"),
        pytest.param("ｚｓ", ["a"], id="full-width letters"),
        pytest.param("zhangsan", ["a"], id="full pinyin"),
        pytest.param("zhangs", ["a"], id="pinyin half typed"),
        pytest.param("san", ["a"], id="given name alone"),
        pytest.param("hang", [], id="not from the middle of a syllable"),
        pytest.param("cyx", ["b"], id="compound surname read chan yu"),
        pytest.param("shanyu", ["b"], id="the same read shan yu"),
        pytest.param("zengle", ["c"], id="surname's own reading"),
        pytest.param("cengyue", ["c"], id="everyday readings"),
        pytest.param("wcy", ["d"], id="polyphone chong"),
        pytest.param("wzy", ["d"], id="polyphone zhong"),
        pytest.param("上坞", ["b", "a"], id="hamlet"),
        pytest.param("上坞12", ["b"], id="hamlet and house"),
        pytest.param("下坞 2", ["c"], id="hamlet, then the house's beginning"),
        pytest.param("100", ["a"], id="house number"),
        pytest.param("1234", ["a"], id="last four of the phone"),
        pytest.param("0001", [], id="not the middle of the phone"),
        pytest.param("张s", ["a"], id="half the name in characters"),
        pytest.param("上坞 zs", ["a"], id="two parts must both match"),
        pytest.param("李", [], id="the deceased are not offered"),
        pytest.param("  ", ["b", "a", "c", "d"], id="blanks ask for nothing"),
    ],
)
def test_search(index: PeopleIndex, text: str, found: list[str]) -> None:
    assert index.search(text) == found


def test_filters_must_all_hold(store: Store, index: PeopleIndex) -> None:
    record_visit(store, visit_to("b"))
    assert index.search(filters=frozenset({"UNVISITED"})) == ["a", "c", "d"]
    assert index.search(filters=frozenset({"UNVISITED", "AGED_80"})) == ["a"]
    assert index.search(filters=frozenset({"AWAY"})) == ["d"]
    assert index.search(filters=frozenset({"HARDSHIP"})) == ["b"]
    assert index.search(filters=frozenset({"MERIT_2", "SURVIVOR"})) == ["c"]
    assert index.search(filters=frozenset({"DECEASED"})) == ["e"]
    assert index.search(village=OTHER_VILLAGE) == []


def test_counts_say_how_many_each_filter_would_leave(store: Store, index: PeopleIndex) -> None:
    record_visit(store, visit_to("b"))
    everybody = index.counts()
    assert {
        n: everybody[n] for n in ("UNVISITED", "AGED_80", "HARDSHIP", "AWAY", "DECEASED", "LAID_OFF")
    } == {
        "UNVISITED": 3,
        "AGED_80": 1,
        "HARDSHIP": 1,
        "AWAY": 1,
        "DECEASED": 1,
        "LAID_OFF": 0,
    }
    unvisited = index.counts(frozenset({"UNVISITED"}))
    assert (unvisited["UNVISITED"], unvisited["HARDSHIP"], unvisited["AGED_80"]) == (3, 0, 1)


def test_a_row_shows_who_where_and_how_the_last_attempt_went(store: Store, index: PeopleIndex) -> None:
    record_visit(store, visit_to("c", result="NOT_MET"))
    assert index.row("c") == IndexRow(
        id="c",
        name="曾乐",
        sex=None,
        age=None,
        hamlet="下坞",
        house="2号",
        village=VILLAGE,
        tags=("一等功", "三属"),
        state="not_met",
        away_place="",
        last_attempt=Attempt("HOME", "NOT_MET", datetime.fromtimestamp(NOON / 1000, UTC)),
        deceased=False,
        attempts=1,
    )
    assert (index.row("d").tags, index.row("d").away_place) == (("外地",), "温州")


def test_the_state_follows_saves_drafts_and_undo(store: Store, index: PeopleIndex) -> None:
    states = [index.row("a").state]
    visit = record_visit(store, visit_to("a"))
    states.append(index.row("a").state)
    drafts.keep_draft(store, "a", {})
    states.append(index.row("a").state)
    drafts.drop_draft(store, "a")
    undo_visit(store, visit)
    states.append(index.row("a").state)
    assert states == ["unvisited", "visited", "draft", "unvisited"]


def test_once_reached_a_person_stays_reached_though_the_next_attempt_fails(
    store: Store, index: PeopleIndex
) -> None:
    record_visit(store, visit_to("a"))
    later = datetime.fromtimestamp(NOON / 1000, UTC) + timedelta(hours=1)
    record_visit(store, visit_to("a", result="NOT_MET", at=later))
    assert (index.row("a").state, index.search(filters=frozenset({"NOT_MET"}))) == ("visited", [])


def test_a_message_sent_is_no_encounter(store: Store, index: PeopleIndex) -> None:
    record_visit(store, visit_to("d", method="SMS", result="SENT"))
    assert (index.row("d").state, index.progress().visited) == ("unvisited", 0)


def test_a_death_found_on_a_visit_leaves_the_list_and_its_undo_restores(
    store: Store, index: PeopleIndex
) -> None:
    visit = record_visit(store, visit_to("a", result="DECEASED"))
    assert (index.search("zs"), index.search(filters=frozenset({"DECEASED"}))) == ([], ["a", "e"])
    assert index.progress().due == 3
    undo_visit(store, visit)
    assert index.search("zs") == ["a"]


def test_a_need_that_was_not_found_untrue_puts_a_person_among_those_in_need(
    store: Store, index: PeopleIndex
) -> None:
    record_visit(store, visit_to("a", needs=(NewNeed("MEDICAL", "2"),)))
    assert index.search(filters=frozenset({"NEEDS"})) == ["b", "a"]
    untrue = Need(
        id="need-9",
        campaign="lishui-2022",
        person="d",
        organisation=VILLAGE,
        type="LIVING",
        severity="1",
        state="NOT_CONFIRMED",
        found_at=datetime.fromtimestamp(NOON / 1000, UTC),
    )
    apply_page(store, "phone-1", answer_of(rows=[head_of(untrue)]))
    assert index.search(filters=frozenset({"NEEDS"})) == ["b", "a"]


def test_visits_of_others_count_and_rows_follow_the_feed(store: Store, index: PeopleIndex) -> None:
    noon = datetime.fromtimestamp(NOON / 1000, UTC)
    theirs = Visit(
        id="v9",
        campaign="lishui-2022",
        person="a",
        organisation="331121",
        performer="w9",
        method="PHONE",
        result="MET_FAMILY",
        at=noon,
        saved_at=noon,
    )
    moved = head_of(person("b", name="单于秀", hamlet="后山", house="1"), version=2)
    newcomer = head_of(person("f", name="赵新", hamlet="上坞", house="50"))
    apply_page(store, "phone-1", answer_of(rows=[head_of(theirs), moved, newcomer]))
    assert (index.row("a").state, index.search()) == ("visited", ["f", "a", "c", "d", "b"])


def test_visits_of_another_campaign_are_history(store: Store, index: PeopleIndex) -> None:
    last_year = datetime(2021, 7, 28, 4, tzinfo=UTC)
    visit = Visit(
        id="v8",
        campaign="lishui-2021",
        person="a",
        organisation=VILLAGE,
        performer="worker-1",
        method="HOME",
        result="MET_SELF",
        at=last_year,
        saved_at=last_year,
    )
    apply_page(store, "phone-1", answer_of(rows=[head_of(visit)]))
    assert (index.row("a").state, index.row("a").last_attempt) == ("unvisited", None)
    view = person_view(store, "a")
    assert (view.visited, view.visits_count, index.progress().visited) == (False, 1, 0)


def test_who_is_listed_twice_is_one_person_reached_by_either_listing(
    store: Store, index: PeopleIndex
) -> None:
    index.search()
    again = person("a2", name="张三", hamlet="后山", house="3", duplicate_of="a")
    apply_page(store, "phone-1", answer_of(rows=[head_of(again)]))
    assert (index.progress().due, index.row("a2").tags, len(index.search("zs"))) == (4, ("重复登记",), 2)
    visit = record_visit(store, visit_to("a2"))
    assert [index.row(listing).state for listing in ("a", "a2")] == ["visited", "visited"]
    assert person_view(store, "a").visited
    assert (index.progress().visited, index.progress().left) == (1, 3)
    undo_visit(store, visit)
    record_visit(store, visit_to("a"))
    assert [index.row(listing).state for listing in ("a", "a2")] == ["visited", "visited"]
    store.memory.pop("index")
    assert people_index(store).progress() == index.progress()


def test_a_second_listing_stands_for_itself_when_the_first_is_gone(store: Store, index: PeopleIndex) -> None:
    again = person("a2", name="张三", duplicate_of="a")
    apply_page(store, "phone-1", answer_of(rows=[head_of(again)]))
    record_visit(store, visit_to("a"))
    assert (index.row("a2").state, index.progress().due) == ("visited", 4)
    apply_page(store, "phone-1", answer_of(rows=[head_of(PEOPLE[0], version=2, voided=True)]))
    assert (index.row("a2").state, index.search("zs"), index.progress().due) == ("unvisited", ["a2"], 4)


def test_progress_counts_persons_once_and_leaves_by_group(store: Store, index: PeopleIndex) -> None:
    record_visit(store, visit_to("a"))
    record_visit(store, visit_to("a"))
    progress = index.progress()
    assert (progress.due, progress.visited, progress.left) == (4, 1, 3)
    assert {code for code, left in progress.by_group.items() if left} == {
        "HARDSHIP",
        "NEEDS",
        "MERIT_2",
        "SURVIVOR",
        "AWAY",
    }
    assert index.progress(OTHER_VILLAGE) == Progress(0, 0, 0, dict.fromkeys(progress.by_group, 0))


def test_voided_persons_are_gone_and_renamed_ones_are_found_by_the_new_name(
    store: Store, index: PeopleIndex
) -> None:
    index.search("z")
    apply_page(store, "phone-1", answer_of(rows=[head_of(PEOPLE[0], version=2, voided=True)]))
    edit_person(store, "d", {"name": "王小明"})
    assert (index.search("zs"), index.search("wxm"), index.search("wcy")) == ([], ["d"], [])


def test_an_unreadable_visit_hides_nobody(store: Store, index: PeopleIndex) -> None:
    broken = head_of(person("x"), version=1)
    apply_page(
        store,
        "phone-1",
        answer_of(rows=[type(broken)("visit", "v0", 1, {"person": "a", "at": "last Tuesday"}, broken.first)]),
    )
    assert (index.search("zs"), index.row("a").last_attempt) == (["a"], None)


def test_a_large_page_is_read_in_one_pass_with_the_same_result(store: Store, index: PeopleIndex) -> None:
    many = [
        Person(id=f"m{n:03}", name="陈一", village=VILLAGE, hamlet="中", house=str(n)) for n in range(300)
    ]
    apply_page(store, "phone-1", answer_of(rows=[head_of(one) for one in many]))
    store.memory.pop("index")
    assert index.search("cy", village=VILLAGE)[-300:] == people_index(store).search("cy")[-300:]
    assert len(index.search()) == 304


def test_a_hamlet_is_found_by_its_pinyin_and_initials_too(index: PeopleIndex) -> None:
    hamlets = {index.row(person).hamlet for person in index.search()}
    assert "上坞" in hamlets
    in_it = [person for person in index.search() if index.row(person).hamlet == "上坞"]
    assert [index.search("shangwu"), index.search("sw"), index.search("sw zs")] == [in_it, in_it, ["a"]]


def test_one_look_finds_people_and_counts_every_filter(store: Store, index: PeopleIndex) -> None:
    for text, filters in (("", {"UNVISITED"}), ("z", set()), ("", {"DECEASED"}), ("", {"UNVISITED", "AWAY"})):
        asked = frozenset(filters)
        found = index.find(text, asked)
        assert found.people == index.search(text, asked)
        assert found.counts == {code: len(index.search(text, asked | {code})) for code in found.counts}
    before = index.counts(frozenset({"UNVISITED"}))
    record_visit(store, visit_to("a"))
    assert index.counts(frozenset({"UNVISITED"}))["UNVISITED"] == before["UNVISITED"] - 1


def test_pinyin_can_be_prepared_in_small_parts(index: PeopleIndex) -> None:
    assert [index.prepare_pinyin(limit=3), index.prepare_pinyin(limit=3), index.prepare_pinyin(limit=3)] == [
        False,
        True,
        True,
    ]


def test_another_campaign_counts_anew(store: Store, index: PeopleIndex) -> None:
    record_visit(store, visit_to("a"))
    answer = sign_in_answer()
    answer["campaign"]["groups"] = answer["campaign"]["groups"][:1]
    keep_sign_in(store, answer, "https://server.test")
    assert set(people_index(store).counts()) == {"UNVISITED", "LAID_OFF", "NOT_MET", "DECEASED"}


def test_a_phone_without_an_account_has_an_empty_list(clock: FakeClock) -> None:
    index = people_index(open_store(":memory:", now_ms=clock))
    assert (index.search("zs"), index.progress()) == ([], Progress(0, 0, 0, {}))
