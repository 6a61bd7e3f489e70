"""One person entered twice: which entries may be the same, and joining them so that it can be undone.

Nothing is deleted and no record changes its id: an entry gets `merged_into`, an ordinary field by an
ordinary Change of the reviewer. Facts about it count for the other entry (app.domain.identity), and
Changes that still arrive for it are taken in as ever.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from pydantic_core import from_json
from sqlalchemy import Connection, Engine, func, select

from app.domain.change import Change, Fields
from app.domain.errors import BadInput, UnknownCode
from app.domain.models import Person
from app.domain.names import mask_name
from app.domain.stamp import hlc_of
from sync_server.db.engine import among, written
from sync_server.db.tables import heads, organisations, person_facts, visit_facts
from sync_server.records.accounts import Account, desk_of, have_of
from sync_server.records.intake import accept_changes
from sync_server.records.scope import Scope, demand_reviewer
from sync_server.summary.facts import DISTINCT, MERGED_INTO

PAGE = 20
_GONE = "您的管理范围内没有这个人，或刚有变动。没有改动，请刷新页面。"


@dataclass(frozen=True, slots=True)
class Listing:
    """An entry as a reviewer sees it: masked, with what tells two people apart.

    `version` is the record's that is shown; `visits` those that stand.
    """

    record: str
    version: int
    name: str
    village: str
    home: str
    born: str
    sex: str | None
    has_number: bool
    phones: int
    visits: int
    is_from_roster: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries that may be one person. `is_same_number`: both hold one identity number."""

    first: Listing
    second: Listing
    is_same_number: bool


@dataclass(frozen=True, slots=True)
class Duplicates:
    """`pairs` in order of their records; `cursor` is where the next page begins, None at the end.

    `merged`: (entry, the one that stands for it), by a reviewer, to be taken back; `distinct`: (entry, one
    that is somebody else), said by a reviewer, to be taken back too.
    """

    pairs: list[Pair]
    cursor: str | None
    merged: list[tuple[Listing, Listing]]
    distinct: list[tuple[Listing, Listing]]


def duplicates_in(connection: Connection, account: Account, *, after: str = "") -> Duplicates:
    """The likely duplicates both of whose entries lie in the account's scope; raises NotAllowed."""
    demand_reviewer(account.role)
    scope = account.scope
    found = sorted(_likely(connection, scope).items())
    waiting = [pair for pair in found if _cursor(pair[0]) > after]
    page = waiting[:PAGE]
    merged = _tagged(connection, scope, MERGED_INTO, is_counted=False)
    distinct = _tagged(connection, scope, DISTINCT, is_counted=True)
    shown = {r for (a, b), _ in page for r in (a, b)} | _both(merged) | _both(distinct)
    listings = _listings(connection, scope, shown)
    return Duplicates(
        [Pair(listings[a], listings[b], same) for (a, b), same in page if a in listings and b in listings],
        _cursor(page[-1][0]) if len(waiting) > len(page) else None,
        [(listings[a], listings[b]) for a, b in merged if a in listings and b in listings],
        [(listings[a], listings[b]) for a, b in distinct if a in listings and b in listings],
    )


def merge(engine: Engine, account: Account, record: str, into: str, *, version: int, now_ms: int) -> None:
    """Let `into` stand for `record`, whose `version` the reviewer has seen.

    Raises NotAllowed, UnknownCode for what is not in the account's scope, BadInput.
    """
    demand_reviewer(account.role)
    if record == into:
        raise BadInput("一条记录不能并入自己。请选另一条。", field="into")
    _say(engine, account, record, into, {"merged_into": into}, version=version, now_ms=now_ms)


def take_apart(engine: Engine, account: Account, record: str, *, version: int, now_ms: int) -> None:
    """Let `record` stand for itself again; raises as `merge` does."""
    _say(engine, account, record, None, {"merged_into": None}, version=version, now_ms=now_ms)


def tell_apart(
    engine: Engine,
    account: Account,
    record: str,
    other: str,
    *,
    version: int,
    now_ms: int,
    is_so: bool = True,
) -> None:
    """Let `record` and `other` be two people, however alike: the pair leaves the list, on every page and
    for every reviewer. `is_so` False takes that back. Raises as `merge` does.
    """
    demand_reviewer(account.role)
    if record == other:
        raise BadInput("一条记录不能和自己比。请选另一条。", field="other")
    said = {f"distinct/{other}": True if is_so else None}
    _say(engine, account, record, other, said, version=version, now_ms=now_ms)


def _say(
    engine: Engine,
    account: Account,
    record: str,
    other: str | None,
    fields: Fields,
    *,
    version: int,
    now_ms: int,
) -> None:
    demand_reviewer(account.role)

    def say(connection: Connection) -> None:
        wanted = {record, *([other] if other is not None else [])}
        found = _listings(connection, account.scope, wanted)
        if found.keys() != wanted:
            raise UnknownCode(_GONE)
        if not 0 < version <= found[record].version:  # nobody has seen that (P4)
            raise BadInput(_GONE, field="version")
        desk = desk_of(connection, account, now_ms=now_ms)
        change = Change(
            device=desk.id,
            seq=have_of(connection, desk.id) + 1,
            hlc=hlc_of(now_ms),
            actor=account.id,
            entity=Person.entity,
            record=record,
            kind="patch",
            base=version,
            fields=fields,
        )
        (receipt,) = accept_changes(connection, desk, [change], now_ms=now_ms)
        if receipt.status == "quarantined":
            raise BadInput(_GONE, field=receipt.field)

    written(engine, say)


def _likely(connection: Connection, scope: Scope) -> dict[tuple[str, str], bool]:
    """Pairs of records in order of id, and whether they hold one identity number."""
    p = person_facts.c
    counted = (p.is_counted, scope.condition(p.path, p.unit_path))
    columns = (p.record, p.identity, p.path, p.name_key, p.born, p.tags)
    apart: set[tuple[str, str]] = set()
    numbers = select(p.identity).where(*counted).group_by(p.identity).having(func.count() > 1)
    names = select(p.path, p.name_key).where(*counted).group_by(p.path, p.name_key).having(func.count() > 1)
    by_number: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(select(*columns).where(*counted, p.identity.in_(numbers))):
        by_number[row.identity].append(row.record)
        apart |= _said_apart(row.record, row.tags)
    by_name: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    named = names.subquery()
    same_name = (p.path == named.c.path) & (p.name_key == named.c.name_key)
    for row in connection.execute(select(*columns).join(named, same_name).where(*counted)):
        by_name[row.path, row.name_key].append((row.record, row.born or ""))
        apart |= _said_apart(row.record, row.tags)
    found = {
        pair: False
        for group in by_name.values()
        for (a, born), (b, other) in combinations(sorted(group), 2)
        if born.startswith(other) or other.startswith(born)
        for pair in [(a, b)]
    }
    found |= {pair: True for group in by_number.values() for pair in combinations(sorted(group), 2)}
    return {pair: is_same for pair, is_same in found.items() if pair not in apart}


def _said_apart(record: str, tags: str) -> set[tuple[str, str]]:
    """The pairs, in order of id, that `record` is said not to be."""
    others = (tag.removeprefix(DISTINCT) for tag in tags.split() if tag.startswith(DISTINCT))
    return {(min(record, other), max(record, other)) for other in others}


def _tagged(connection: Connection, scope: Scope, tag: str, *, is_counted: bool) -> list[tuple[str, str]]:
    """The latest entries with such a tag, each with the record that it names."""
    p = person_facts.c
    query = (
        select(p.record, p.tags)
        .where(
            p.is_counted.is_(is_counted),
            p.tags.contains(f" {tag}"),
            scope.condition(p.path, p.unit_path),
        )
        .order_by(p.feed_no.desc())
        .limit(PAGE)
    )
    return [
        (record, found.removeprefix(tag))
        for record, tags in connection.execute(query)
        for found in tags.split()
        if found.startswith(tag)
    ]


def _listings(connection: Connection, scope: Scope, records: Iterable[str]) -> dict[str, Listing]:
    """Those of `records` that are people in `scope`."""
    wanted = list(records)
    inside = scope.condition(heads.c.path, heads.c.unit_path)
    query = (
        select(heads.c.record, heads.c.version, heads.c.row, organisations.c.name)
        .join(organisations, organisations.c.path == heads.c.path)
        .where(among(heads.c.record, wanted), heads.c.entity == Person.entity, inside)
    )
    v = visit_facts.c
    counts = (
        select(v.person, func.count())
        .where(among(v.person, wanted), v.is_voided.is_(False))
        .group_by(v.person)
    )
    visits = {row[0]: row[1] for row in connection.execute(counts)}
    found = {}
    for record, version, text, village in connection.execute(query):
        row = from_json(text)
        person = Person.read(record, row["values"])
        found[record] = Listing(
            record=record,
            version=version,
            name=mask_name(person.name),
            village=village,
            home=f"{person.hamlet}{person.house}",
            born=person.born or "",
            sex=person.sex,
            has_number=bool(person.id_number),
            phones=len(person.phones),
            visits=visits.get(record, 0),
            is_from_roster=str(row["first"][2]).startswith("roster:"),
        )
    return found


def _cursor(pair: tuple[str, str]) -> str:
    return "+".join(pair)


def _both(pairs: Iterable[tuple[str, str]]) -> set[str]:
    return {record for pair in pairs for record in pair}
