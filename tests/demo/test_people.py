"""Invented people and visits are possible ones, and chance is the same on every machine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from app.domain.campaign import Campaign, read_campaign
from app.domain.categories import SURVIVORS, BenefitCategory
from app.domain.citizen_id import birth_date, is_sound, sex_of
from app.domain.models import Need, Person, Visit
from sync_server.assets import campaign_texts, divisions
from sync_server.demo.chance import Weighted, share_out, stream
from sync_server.demo.city import Part, Size, moved_campaign, parts_of, worker_of
from sync_server.demo.places import SHOWCASE_VILLAGE, UNITS
from sync_server.demo.visits import SHANGHAI

TODAY = date(2026, 7, 25)
SIZE = Size(people=3_000, visits=4_000, in_units=80)
OPERATORS = re.compile(r"1(3\d|4[5-9]|5[0-35-9]|6[2567]|7\d|8\d|9\d)")


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    text = campaign_texts()["lishui-2022.toml"]
    return moved_campaign(read_campaign(text, source="lishui-2022.toml"), TODAY)


@pytest.fixture(scope="module")
def parts(campaign: Campaign) -> list[Part]:
    return list(make(campaign))


@pytest.fixture(scope="module")
def people(parts: list[Part]) -> list[Person]:
    found = (c for part in parts for c in part.changes if c.entity == "person")
    return [Person.read(c.record, c.fields) for c in found]


@pytest.fixture(scope="module")
def visits(parts: list[Part]) -> list[Visit]:
    found = (c for part in parts for c in part.changes if c.entity == "visit")
    return [Visit.read(c.record, c.fields) for c in found]


def make(campaign: Campaign, *, seed: int = 7) -> Iterator[Part]:
    return parts_of(SIZE, seed=seed, divisions=divisions(), campaign=campaign, today=TODAY)


def test_same_seed_and_day_give_the_same_changes_down_to_every_id(
    campaign: Campaign, parts: list[Part]
) -> None:
    assert list(make(campaign)) == parts


def test_another_seed_gives_other_people(campaign: Campaign, parts: list[Part]) -> None:
    ids = {c.record for part in parts for c in part.changes}
    assert not ids & {c.record for part in make(campaign, seed=8) for c in part.changes}


def test_totals_are_exactly_what_the_size_says(people: list[Person], visits: list[Visit]) -> None:
    assert (len(people), len(visits)) == (SIZE.people, SIZE.visits)
    assert sum(p.unit is not None for p in people) == SIZE.in_units


def test_every_county_township_and_unit_has_people(people: list[Person]) -> None:
    townships = {d.code for d in divisions().at_level("township")}
    assert {p.village[:9] for p in people if p.village} == townships
    assert {p.unit for p in people if p.unit} == {u.code for u in UNITS}


def test_id_numbers_are_sound_unless_marked_and_agree_with_birth_and_sex(people: list[Person]) -> None:
    sound = [p for p in people if p.id_problem is None]
    assert all(p.id_number and is_sound(p.id_number) for p in sound)
    assert [(p.born, p.sex) for p in sound] == [
        (f"{birth_date(p.id_number or '')}", sex_of(p.id_number or "").value) for p in sound
    ]
    assert all(not is_sound(p.id_number) for p in people if p.id_number and p.id_problem)


def test_nobody_shares_an_id_number_but_those_whom_a_unit_lists_again(people: list[Person]) -> None:
    listed = Counter(p.id_number for p in people if p.id_number)
    twice = [p for p in people if p.id_number and listed[p.id_number] > 1]
    assert max(listed.values()) == 2
    assert sum(p.unit is not None for p in twice) == sum(p.village != "" for p in twice) == 17


def test_old_people_carry_old_address_codes_and_the_young_present_ones(people: list[Person]) -> None:
    prefixes = {(p.born or "")[:4] >= "2000": set() for p in people}
    for p in people:
        if p.id_number and p.born:
            prefixes[p.born[:4] >= "2000"].add(p.id_number[:4])
    assert prefixes[True] == {"3311"}
    assert prefixes[False] == {"3311", "3325"}


def test_no_phone_number_belongs_to_an_operator(people: list[Person]) -> None:
    numbers = [number for p in people for number in p.phones]
    assert all(re.fullmatch(r"1\d{10}", n) and not OPERATORS.match(n) for n in numbers)


@pytest.mark.parametrize(
    ("category", "youngest"),
    [
        (BenefitCategory.RURAL_SOLDIER_60, 60),
        (BenefitCategory.MARTYR_CHILD_60, 60),
        (BenefitCategory.RURAL_DEMOBILIZED, 80),
    ],
)
def test_categories_with_an_age_rule_hold_nobody_younger(
    people: list[Person], campaign: Campaign, category: BenefitCategory, youngest: int
) -> None:
    latest = campaign.reference_date.year - youngest
    assert all(int((p.born or "0")[:4]) <= latest for p in people if category in p.categories)


def test_the_city_holds_every_peculiarity_of_a_roster(people: list[Person]) -> None:
    names = [p.name for p in people]
    assert {c for c in "𠅤𬱖𫖯喆堃" if any(c in n for n in names)} == set("𠅤𬱖𫖯喆堃")
    assert any(n.startswith("欧阳") for n in names)
    assert {n[0] for n in names} >= set("蓝雷钟")
    assert {p.id_problem for p in people} == {None, "missing_id", "digits_lost", "checksum"}
    assert {p.away for p in people if p.village} >= {"HOME", "OUT_OF_CITY", "OUT_OF_PROVINCE", "ABROAD"}
    assert any(set(p.categories) & SURVIVORS for p in people)
    assert (
        any(p.deceased for p in people)
        and any(p.no_call for p in people)
        and any(not p.phones for p in people)
    )


def test_neighbours_share_house_and_household(people: list[Person]) -> None:
    homes: dict[str | None, set[tuple[str, str, str]]] = {}
    for p in people:
        if p.village:
            homes.setdefault(p.household, set()).add((p.village, p.hamlet, p.house))
    assert all(len(found) == 1 for found in homes.values())
    assert len(homes) < sum(p.village != "" for p in people)


def test_visits_lie_between_the_first_day_and_yesterday(visits: list[Visit], campaign: Campaign) -> None:
    days = {v.at.astimezone(SHANGHAI).date() for v in visits}
    assert (min(days), max(days)) == (campaign.starts_on, TODAY - timedelta(days=1))
    assert all(v.saved_at > v.at and v.saved_at.astimezone(SHANGHAI).date() < TODAY for v in visits)


def test_every_visit_has_a_result_that_its_method_offers(visits: list[Visit], campaign: Campaign) -> None:
    offered = {m.code: {r.code for r in campaign.results_for(m)} for m in campaign.methods}
    assert all(v.result in offered[v.method] for v in visits)
    assert {v.method for v in visits} == set(offered)
    assert {v.result for v in visits} == {r.code for r in campaign.results}


def test_the_dead_are_not_visited_and_people_without_a_phone_are_not_called(
    people: list[Person], visits: list[Visit]
) -> None:
    by_id = {p.id: p for p in people}
    assert not [v for v in visits if by_id[v.person].deceased]
    far = [by_id[v.person] for v in visits if v.method not in ("HOME", "TALK") and by_id[v.person].village]
    assert all(p.phones and not p.no_call for p in far)


def test_changes_of_a_part_rise_in_seq_and_time_and_name_what_came_before(parts: list[Part]) -> None:
    for part in parts:
        assert [c.seq for c in part.changes] == list(range(1, len(part.changes) + 1))
        assert [c.hlc for c in part.changes] == sorted(c.hlc for c in part.changes)
        known: set[str] = set()
        for change in part.changes:
            named = {change.fields[n] for n in ("person", "visit") if n in change.fields}
            assert named <= known
            known.add(change.record)


def test_the_showcase_village_has_people_left_to_visit_and_some_not_met(
    parts: list[Part], campaign: Campaign
) -> None:
    [part] = [p for p in parts if p.organisation == SHOWCASE_VILLAGE[:9]]
    here = [c for c in part.changes if c.fields.get("village") == SHOWCASE_VILLAGE]
    visits = [
        c.fields
        for c in part.changes
        if c.fields.get("performer") == worker_of(7, SHOWCASE_VILLAGE, campaign)
    ]
    assert 35 <= len(here) <= 45
    assert {"上坞", "下坞"} <= {c.fields["hamlet"] for c in here}
    met = {v["person"] for v in visits if v.get("result") in ("MET_SELF", "MET_FAMILY")}
    assert 8 <= len(met) <= 20
    assert {v["person"] for v in visits if v.get("result") == "NOT_MET"} - met
    needs = [Need.read(c.record, c.fields) for c in part.changes if c.entity == "need"]
    assert any(n.words == "房屋漏雨，后墙有裂缝" for n in needs)


def test_shares_add_up_exactly_and_keep_proportion() -> None:
    assert share_out(10, [1, 1, 2]) == [2, 3, 5]
    assert share_out(7, [0.0, 3.0]) == [0, 7]
    assert sum(share_out(75_000, [0.3 + n % 7 for n in range(2_008)])) == 75_000


def test_weighted_draws_follow_the_weights_and_the_stream() -> None:
    coin = Weighted({"a": 3.0, "b": 1})
    drawn = Counter(coin.draw(rng) for rng in [stream(1, "coin")] for _ in range(4_000))
    assert 2_850 < drawn["a"] < 3_150
    assert [coin.draw(stream(1, "x")) for _ in range(3)] == [coin.draw(stream(1, "x")) for _ in range(3)]
