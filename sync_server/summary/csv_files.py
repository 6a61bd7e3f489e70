"""The records behind a table as plain CSV files, so that anyone can recount it.

Built from fact rows, organisations and the log: no name, number, telephone, address or free text of
anybody leaves by this door. `FILES` declares each file and column; docs/EXPORT.md and the
`columns.csv` beside the data say the same words.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, true

from app.domain.campaign import Campaign
from app.domain.china import CHINA
from app.domain.codes import OpinionTarget
from app.domain.errors import BadInput
from app.domain.facts import Opinion
from app.domain.groups import age_on
from app.domain.identity import PRIMARY_CLASSES
from app.domain.reasons import os_reason
from sync_server.db.tables import (
    changes,
    finding_facts,
    heads,
    need_facts,
    need_step_facts,
    organisations,
    person_facts,
    quarantine,
    visit_facts,
)
from sync_server.summary.facts import SECOND_OF
from sync_server.summary.findings import states_of_needs
from sync_server.summary.places import Place, at_or_below, county_path
from sync_server.summary.unsigned_changes import anonymous_opinions

COLUMNS_FILE = "columns.csv"
ENCODING = "utf-8-sig"  # the mark by which a spreadsheet knows that it is UTF-8
# A set's element is told where it is a code; a telephone number is not.
_FIELD = re.compile(r"[a-z_]+(/[A-Z][A-Z0-9_]*)?", re.ASCII)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Source:
    """What the files are made from."""

    connection: Connection
    campaign: Campaign
    here: Place


@dataclass(frozen=True, slots=True)
class CsvFile:
    """One file: `columns` maps each header to its meaning, `rows` gives the lines in no promised order."""

    name: str
    meaning: str
    columns: dict[str, str]
    rows: Callable[[Source], Iterator[tuple[Any, ...]]]


def write_csv_files(connection: Connection, campaign: Campaign, here: Place, out: Path) -> dict[str, int]:
    """Write every file of `FILES` and `columns.csv` into folder `out`; gives the lines of each.

    Run inside one `reading` block. The files appear together at the end, in place of earlier ones of
    the same names; nothing else in the folder is touched. Raises BadInput where it cannot be written;
    `out` itself is made, the folder that it is to lie in must be there.
    """
    source = Source(connection, campaign, here)
    written = {}
    try:
        out.mkdir(exist_ok=True)  # not its parents: a mistyped path would become a new tree
        for file in FILES:
            written[file.name] = _write(_part(out, file.name), tuple(file.columns), file.rows(source))
        written[COLUMNS_FILE] = _write(_part(out, COLUMNS_FILE), ("file", "column", "meaning"), _meanings())
        for name in written:
            _part(out, name).replace(out / name)
    except OSError as fault:
        reason = os_reason(fault)
        raise BadInput(f"写不了文件夹 {out}：{reason}。请换一个能写的位置。", field="out") from fault
    return written


def _meanings() -> Iterator[tuple[str, str, str]]:
    return ((file.name, column, said) for file in FILES for column, said in file.columns.items())


def _part(out: Path, name: str) -> Path:
    return out / f"{name}.part"


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> int:
    lines = 0
    with path.open("w", encoding=ENCODING, newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        for row in rows:
            assert len(row) == len(header)
            writer.writerow([_plain(value) for value in row])
            lines += 1
    return lines


def _plain(value: Any) -> Any:
    """None as an empty field, true as 1; text that a spreadsheet would run as a formula behind a quote."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return int(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def _people(source: Source) -> Iterator[tuple[Any, ...]]:
    p = person_facts.c
    columns = (p.record, p.identity, p.path, p.unit_path, p.household, p.primary_class, p.tags)
    marks = (p.is_away, p.is_deceased, p.is_counted, p.born, p.feed_no)
    query = select(*columns, *marks).where(source.here.has_people())
    for (
        record,
        identity,
        path,
        unit,
        household,
        main,
        tags,
        away,
        dead,
        counted,
        born,
        feed,
    ) in source.connection.execute(query):
        held = _by_kind(tags)
        first = " ".join(held.get(SECOND_OF, []))
        state = "counted" if counted else "second" if first else "voided"
        assert main in PRIMARY_CLASSES
        yield (
            record,
            identity,
            _last(path),
            _last(unit),
            household,
            main,
            *(" ".join(held.get(kind, [])) for kind in _TAG_KINDS),
            away,
            dead,
            age_on(born, source.campaign.reference_date),
            state,
            first,
            feed,
        )


_TAG_KINDS = ("category:", "living:", "honour:", "merit:", "employment:")


def _by_kind(tags: str) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}
    for tag in tags.split():
        kind, colon, code = tag.partition(":")
        held.setdefault(kind + colon, []).append(code)
    return held


def _last(path: str | None) -> str:
    return path.rpartition("/")[2] if path else ""


def _visits(source: Source) -> Iterator[tuple[Any, ...]]:
    v = visit_facts.c
    contact = {r.code for r in source.campaign.results if r.contact}
    what = (v.record, v.campaign, v.person, v.organisation, v.performer, v.method, v.result)
    amounts = (v.cash_fen, v.goods_fen, v.goods_pieces, v.letters, v.booklets)
    query = select(*what, v.day, v.checklist, *amounts, v.is_voided, v.feed_no)
    death = [r.code for r in source.campaign.results if r.death]
    found_dead_elsewhere = and_(v.result.in_(death), v.is_voided.is_(False))
    told = or_(v.campaign == source.campaign.code, found_dead_elsewhere)
    query = query.where(told, _about_people(source.here, v.person))
    for (
        *head,
        result,
        day,
        checklist,
        cash,
        goods,
        pieces,
        letters,
        booklets,
        voided,
        feed,
    ) in source.connection.execute(query):
        given = (cash, goods, pieces, letters, booklets)
        yield (*head, result, result in contact, day, checklist.strip(), *given, voided, feed)


def _needs(source: Source) -> Iterator[tuple[Any, ...]]:
    n, s = need_facts.c, need_step_facts.c
    stamps = select(s.need, s.state, s.effective, s.device, s.seq)
    stamps = stamps.where(s.is_voided.is_(False), _about_people(source.here, s.person))
    state_of = states_of_needs(tuple(row) for row in source.connection.execute(stamps))
    columns = (n.record, n.campaign, n.person, n.organisation, n.type, n.severity, n.state)
    query = select(*columns, n.is_voided, n.feed_no)
    query = query.where(n.campaign == source.campaign.code, _about_people(source.here, n.person))
    for record, *head, state, voided, feed in source.connection.execute(query):
        yield (record, *head, state_of.get(record, state), voided, feed)


def _need_steps(source: Source) -> Iterator[tuple[Any, ...]]:
    s = need_step_facts.c
    columns = (s.record, s.campaign, s.need, s.person, s.organisation, s.state, s.outcome)
    stamp = (s.effective, s.device, s.seq)
    query = select(*columns, s.assistance, s.money_fen, s.day, *stamp, s.is_voided, s.feed_no)
    query = query.where(_about_people(source.here, s.person))
    for *head, assistance, money, day, effective, device, seq, voided, feed in source.connection.execute(
        query
    ):
        yield (*head, assistance.strip(), money, day, effective, device, seq, voided, feed)


def _findings(source: Source) -> Iterator[tuple[Any, ...]]:
    """What counts with one of the people here, and what counts at a station here; what is about a worker
    is in no file of a village or town."""
    f, o = finding_facts.c, organisations.c
    columns = (f.record, f.entity, f.campaign, f.person, f.organisation, f.says, f.number, f.day)
    query = select(*columns, f.is_voided, f.feed_no, o.path)
    query = query.join(organisations, o.code == f.organisation, isouter=True)
    here = or_(
        and_(f.person != "", _about_people(source.here, f.person)),
        and_(f.person == "", true() if source.here.is_whole else at_or_below(o.path, source.here.path)),
    )
    unsigned: list[tuple[Any, ...]] = []
    for *row, path in source.connection.execute(query.where(f.campaign == source.campaign.code, here)):
        is_countys = row[1] == Opinion.entity and row[5] == OpinionTarget.WORKER
        if is_countys and not source.here.contains(county_path(path or "")):
            continue
        if row[1] == Opinion.entity and not row[3]:  # its number in the feed lies beside its visit's
            unsigned.append((*row[:-1], ""))
        else:
            yield tuple(row)
    yield from sorted(unsigned)


def _organisations(source: Source) -> Iterator[tuple[Any, ...]]:
    o = organisations.c
    query = select(o.code, o.kind, o.name, o.parent, o.path)
    query = query.where(at_or_below(o.path, source.here.path)).order_by(o.ordinal, o.code)
    yield from (tuple(row) for row in source.connection.execute(query))


def _changes(source: Source) -> Iterator[tuple[Any, ...]]:
    c = changes.c
    columns = (c.feed_no, c.device, c.seq, c.received_at, c.hlc, c.effective, c.actor, c.entity, c.record)
    q = quarantine.c
    its_own = (q.county == c.county) & (q.device == c.device) & (q.seq == c.seq) & (q.status != "waiting")
    receipt = (c.kind, c.base, c.status, c.code, c.version, c.ref)
    query = select(*columns, *receipt, q.status.label("outcome"), q.settled_no, c.fields)
    query = query.select_from(changes.join(quarantine, its_own, isouter=True))
    query = query.where(_changes_here(source.here)).order_by(c.feed_no, c.device, c.seq)
    without_name = anonymous_opinions(source.connection)
    unsigned: list[tuple[Any, ...]] = []
    for row in source.connection.execute(query):
        feed, device, seq, received_at, *rest, fields = row
        at = datetime.fromtimestamp(received_at / 1000, UTC)
        names = " ".join(_field_names(fields))
        if row.entity == Opinion.entity and row.record in without_name:
            told = (row.entity, row.record, row.kind, row.base, row.status, row.code, row.version)
            day = at.astimezone(CHINA).date().isoformat()
            unsigned.append(("", "", "", day, "", "", "", *told, "", row.outcome, "", names))
        else:
            yield (feed, device, seq, at.isoformat(timespec="milliseconds"), *rest, names)
    yield from sorted(unsigned, key=itemgetter(8, 9))  # in the log's order each would follow its visit


def _changes_here(here: Place) -> ColumnElement[bool]:
    """The city's log is whole; below it belongs what was said of a record that lies here."""
    if here.is_whole:
        return true()
    inside = [at_or_below(heads.c.path, here.path)]
    if here.is_unit:
        inside.append(at_or_below(heads.c.unit_path, here.path))
    return changes.c.record.in_(select(heads.c.record).where(or_(*inside)))


def _field_names(fields: str) -> list[str]:
    """Which fields a Change wrote. A telephone number is part of its field's name, and is left out."""
    try:
        written = json.loads(fields)
    except ValueError:
        return []
    if not isinstance(written, dict):
        return []
    return sorted({n if _FIELD.fullmatch(n) else n.partition("/")[0] for n in written})


def _about_people(here: Place, person: Any) -> ColumnElement[bool]:
    """Also of second and voided listings, which the reader can tell by people.csv."""
    if here.is_whole:
        return true()
    return person.in_(select(person_facts.c.record).where(here.has_people()))


_FEED = "所在的记录号（服务器收到的先后）"

FILES: tuple[CsvFile, ...] = (
    CsvFile(
        "people.csv",
        "名册上的每一条人员记录，包括重复的和已作废的；没有姓名、证件号、电话、住址",
        {
            "record": "记录编号",
            "identity": "同一个人的标记：证件号的密钥散列；没有可靠证件号的，就是记录编号",
            "village": "所在村（社区）的单位代码；名册没有写村的，是上级单位代码",
            "unit": "所属市直、部省属单位的代码；没有则空",
            "household": "户的编号；没有编号的一人一户",
            "primary_class": "类别：VETERAN 退役军人、SURVIVOR 三属、ACTIVE_FAMILY 现役军人家属、OTHER 其他",
            "categories": "优抚类别代码，空格分开",
            "living": "生活状况代码，空格分开",
            "honours": "荣誉代码，空格分开",
            "merit": "立功代码",
            "employment": "就业代码",
            "away": "1 住在外地，0 在家",
            "deceased": "1 名册写明已故；走访中发现的在 visits.csv",
            "age": "活动参考日的周岁；只知年、月的取确实满的岁数；不知则空",
            "listing": "counted 计数，second 重复登记（不另计），voided 已作废（不计）",
            "duplicate_of": "重复登记或并入的，算在哪条记录上",
            "feed_no": _FEED,
        },
        _people,
    ),
    CsvFile(
        "visits.csv",
        "本活动的每一次走访，包括已撤销的；另有别的活动里发现已故的走访，只用来看是否已故；没有备注等文字",
        {
            "record": "记录编号",
            "campaign": "活动代码",
            "person": "被走访人的记录编号（people.csv 的 record）",
            "organisation": "走访人所在单位代码",
            "performer": "走访人的账号编号",
            "method": "方式代码",
            "result": "结果代码",
            "contact": "1 见到或联系到本人或家属，计入走访人数和人次",
            "day": "走访日期（北京时间）",
            "checklist": "勾选的事项代码，空格分开",
            "cash_fen": "慰问金，单位：分",
            "goods_fen": "慰问品折价，单位：分",
            "goods_pieces": "慰问品件数",
            "letters": "慰问信份数",
            "booklets": "法律读本册数",
            "voided": "1 已撤销，不计",
            "feed_no": _FEED,
        },
        _visits,
    ),
    CsvFile(
        "needs.csv",
        "本活动发现的困难，包括已撤销的；没有文字说明",
        {
            "record": "记录编号",
            "campaign": "活动代码",
            "person": "当事人的记录编号（people.csv 的 record）",
            "organisation": "发现单位代码",
            "type": "困难类型代码",
            "severity": "程度：1 一般、2 较重、3 严重、4 紧急",
            "state": "现在的办理状态代码：最后一步的，没有步骤的是发现时的；"
            "NOT_CONFIRMED 不属实，不计；CLOSED、FOLLOWED_UP 算办结",
            "voided": "1 已撤销，不计",
            "feed_no": _FEED,
        },
        _needs,
    ),
    CsvFile(
        "need_steps.csv",
        "困难办理的每一步，包括已撤销的；没有文字说明",
        {
            "record": "记录编号",
            "campaign": "活动代码",
            "need": "哪件困难（needs.csv 的 record）",
            "person": "当事人的记录编号（people.csv 的 record）",
            "organisation": "办理这一步的单位代码",
            "state": "走到的状态代码",
            "outcome": "办结结果代码；不是办结则空",
            "assistance": "帮扶措施代码，空格分开；只有 CASH、GOODS（慰问金、慰问品）的不算帮扶",
            "money_fen": "帮扶资金，单位：分",
            "day": "日期（北京时间）",
            "effective": "先后依次看这一列、device、seq：未撤销的里面最后的一步就是困难现在的状态",
            "device": "设备编号",
            "seq": "这台设备的第几次改动",
            "voided": "1 已撤销，不计",
            "feed_no": _FEED,
        },
        _need_steps,
    ),
    CsvFile(
        "findings.csv",
        "意见、座谈会和宣讲会、年度确认、优待证和建档的步骤、先进典型、图片，包括已撤销的；没有文字内容。"
        "对工作者的意见记在县里，村、乡镇的文件里没有",
        {
            "record": "记录编号",
            "entity": "种类：opinion、activity、confirmation、card_step、file_step、exemplary、photo",
            "campaign": "活动代码",
            "person": "算在谁身上（people.csv 的 record）；空是算在单位身上",
            "organisation": "记录的单位代码",
            "says": "意见的对象、活动的种类、确认的结果、走到的状态、典型或图片的种类，都是代码",
            "number": "参加活动的人数；其他都是 1",
            "day": "日期（北京时间）",
            "voided": "1 已撤销，不计",
            "feed_no": f"{_FEED}；算在单位身上的意见不写",
        },
        _findings,
    ),
    CsvFile(
        "organisations.csv",
        "单位树，按行政顺序",
        {
            "code": "单位代码",
            "kind": "类型：CITY、COUNTY、TOWNSHIP、VILLAGE、CITY_UNIT、PROV_UNIT",
            "name": "名称",
            "parent": "上级单位代码；最上一级为空",
            "path": "从最上一级到本单位的代码，用 / 连接",
        },
        _organisations,
    ),
    CsvFile(
        "changes.csv",
        "服务器收到的每一次改动（日志），只写改了哪些字段，不写内容。"
        "不记名的意见排在最后，只写哪一天收到，不写设备、账号、时间戳和回执号",
        {
            "feed_no": _FEED,
            "device": "设备编号",
            "seq": "这台设备的第几次改动",
            "received_at": "服务器收到的时间（UTC）",
            "hlc": "设备自己的时间戳（混合逻辑时钟）",
            "effective": "服务器采用的时间戳",
            "actor": "谁改的（账号编号）",
            "entity": "改的是什么：person、visit、need、need_step，或 findings.csv 里的种类",
            "record": "记录编号",
            "kind": "create 新建，patch 修改，void 撤销",
            "base": "改动时设备上的记录版本",
            "status": "accepted 已收，accepted_with_conflict 已收但有分歧，quarantined 待看（不计）",
            "code": "待看的原因代码",
            "version": "改后的记录版本",
            "ref": "回执号",
            "outcome": "待看的后来怎样：released 收下，replaced 已改好另传，set_aside 不收；空是还在等",
            "outcome_feed_no": "从第几号记录起这样；收下的从这一号起计",
            "fields": "写了哪些字段，空格分开；电话号码不写出来",
        },
        _changes,
    ),
)
