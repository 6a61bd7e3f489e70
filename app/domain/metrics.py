"""The catalogue of the summary table's metrics (domain.md section 4), each with its unit and meaning.

`count_cells` here is the slow and obvious reference: plain lists, one question at a time. The
server counts the same in SQL (`sync_server.summary.cells`), and a test holds the two together.
What all of them share:

- A person is counted by identity (`app.domain.identity`), once in each organisation however often
  listed there. Voided listings do not count; a second listing stands for its first.
- A contact (走访人次) is a visit, not voided, whose result says that the person or the family was
  reached. A message that was only sent counts in its own method's column and nowhere else.
- An organisation's visits are those to its people, whoever made them: its village's, its
  township's, or its employees', so a person seen by employer and village counts once above both.
- Money, goods, letters and booklets are handed over also where nobody was met: every visit that is
  not voided counts.
- 已故 is what the roster says or what a visit found; taking the visit back takes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.domain.campaign import Campaign, Column
from app.domain.errors import BadConfig
from app.domain.identity import ACTIVE_FAMILY, OTHER, SURVIVOR, VETERAN
from app.domain.models import Need, Person, Visit
from app.domain.recount import Recount, gather, households_of, persons_of

Number = int | float | None  # None: nothing to divide by
HOME = "HOME"
LAW_ITEM = "LAW_DELIVERY"
_ANY_RESULT = "未撤销的走访都算，不论是否见到"


@dataclass(frozen=True)
class Metric:
    """One thing that can be counted. `units` are those under which a column may show it.

    `over` names what follows the colon in a column's `metric` (group:, method:, check:), or None.
    """

    name: str
    units: tuple[str, ...]
    meaning: str
    count: Callable[[Recount, str], Number]
    over: str | None = None
    is_distinct: bool = False  # 人 and 户: children's figures must not be added


Count = Callable[[Recount, str], Number]


def _persons(name: str, meaning: str, count: Count, *, over: str | None = None) -> Metric:
    return Metric(name, ("人",), meaning, count, over, is_distinct=True)


def _households(name: str, meaning: str, count: Count) -> Metric:
    return Metric(name, ("户",), meaning, count, is_distinct=True)


def _contacts(name: str, meaning: str, count: Count, *, over: str | None = None) -> Metric:
    return Metric(name, ("人次",), meaning, count, over)


def percent(part: int, whole: int, *, places: int = 2) -> float | None:
    """`part` of `whole` in percent, rounded half-up once; None of nothing."""
    if not whole:
        return None
    return float((Decimal(100 * part) / whole).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def yuan(fen: int) -> float:
    """分 as 元; exact to the 分 as a decimal number."""
    return fen / 100


_ALL = (
    _persons("persons", "名册上在世的服务对象，按人去重", lambda r, _: len(r.living)),
    _persons("persons_veteran", "其中退役军人；每人只归一类，退役军人优先", lambda r, _: r.of_class(VETERAN)),
    _persons("persons_survivor", "其中三属，且不是退役军人", lambda r, _: r.of_class(SURVIVOR)),
    _persons(
        "persons_active_family",
        "其中现役军人家属，且不属于前两类",
        lambda r, _: r.of_class(ACTIVE_FAMILY),
    ),
    _persons(
        "persons_other",
        "其中不属于前三类的，包括类别还没有填的",
        lambda r, _: r.of_class(OTHER),
    ),
    _persons(
        "persons_contacted",
        "至少有一次见到或联系到本人或家属的人，按人去重；后来去世的仍算",
        lambda r, _: len(r.contacted),
    ),
    _persons(
        "persons_waiting",
        "在世而一次也没有见到或联系到的人",
        lambda r, _: len(r.living - r.contacted),
    ),
    _persons("persons_away_contacted", "住在外地且见到或联系到的人", lambda r, _: len(r.contacted_away)),
    Metric(
        "coverage",
        ("%",),
        "走访慰问人数 ÷ 服务对象总数",
        lambda r, _: percent(len(r.contacted), len(r.living)),
    ),
    _contacts(
        "contacts",
        "见到或联系到本人或家属的次数，各种方式合计；只发出的消息不算",
        lambda r, _: len(r.contacts),
    ),
    _contacts(
        "contacts_by",
        "用这种方式见到或联系到的次数；微信、短信加上已发出的",
        lambda r, code: r.contacts_by(code),
        over="method",
    ),
    _contacts("contacts_home", "上门见到本人或家属的次数", lambda r, _: r.contacts_by("HOME")),
    _contacts("contacts_talk", "个别谈心谈话见到的次数", lambda r, _: r.contacts_by("TALK")),
    _contacts("contacts_phone", "电话联系到的次数", lambda r, _: r.contacts_by("PHONE")),
    _contacts("contacts_video", "视频联系到的次数", lambda r, _: r.contacts_by("VIDEO")),
    _contacts("contacts_wechat", "微信联系到的次数，加上已发出的消息", lambda r, _: r.contacts_by("WECHAT")),
    _contacts("contacts_sms", "短信联系到的次数，加上已发出的短信", lambda r, _: r.contacts_by("SMS")),
    _households(
        "households_home",
        "上门见到本人或家属的户，按户去重；没有户号的一人算一户",
        lambda r, _: households_of(s for s in r.contacts if s[2].method == HOME),
    ),
    _households(
        "households_contacted",
        "见到或联系到的户，按户去重；没有户号的一人算一户",
        lambda r, _: households_of(r.contacts),
    ),
    _households(
        "households_law",
        "见到或联系到时勾了“送法入户”的户，按户去重",
        lambda r, _: households_of(r.checked(LAW_ITEM)),
    ),
    _persons(
        "group_due",
        "属于这一类的在世的人（应访）；一人可以属于几类",
        lambda r, code: len(r.due(code)),
        over="group",
    ),
    _persons(
        "group_visited",
        "应访的人里见到或联系到的（已访）",
        lambda r, code: len(r.due(code) & r.contacted),
        over="group",
    ),
    _persons(
        "priority_due",
        "各类重点走访对象合在一起，按人去重（应访）",
        lambda r, _: len(r.priority()),
    ),
    _persons(
        "priority_visited",
        "重点走访对象里见到或联系到的，按人去重（已访）",
        lambda r, _: len(r.priority() & r.contacted),
    ),
    Metric("cash", ("元",), f"慰问金合计；{_ANY_RESULT}", lambda r, _: yuan(r.total(lambda v: v.cash_fen))),
    Metric(
        "goods_pieces",
        ("件",),
        f"慰问品件数合计；{_ANY_RESULT}",
        lambda r, _: r.total(lambda v: v.goods_pieces),
    ),
    Metric(
        "goods_value",
        ("元",),
        f"慰问品折价合计；{_ANY_RESULT}",
        lambda r, _: yuan(r.total(lambda v: v.goods_fen)),
    ),
    Metric(
        "letters",
        ("份",),
        f"慰问信份数合计；{_ANY_RESULT}",
        lambda r, _: r.total(lambda v: v.letters),
    ),
    Metric(
        "booklets",
        ("册",),
        f"送出的法律读本册数合计；{_ANY_RESULT}",
        lambda r, _: r.total(lambda v: v.booklets),
    ),
    Metric("needs_found", ("件",), "发现的困难；核实为不属实的不算", lambda r, _: len(r.needs)),
    Metric("needs_closed", ("件",), "发现的困难里已经办结的（含回访）", lambda r, _: r.closed()),
    Metric(
        "needs_open",
        ("件",),
        "发现的困难里还没有办结的",
        lambda r, _: len(r.needs) - r.closed(),
    ),
    Metric(
        "checks",
        ("人次", "件"),
        "见到或联系到时勾了这一项的次数",
        lambda r, code: len(r.checked(code)),
        over="check",
    ),
    _persons(
        "persons_checked",
        "见到或联系到时勾了这一项的人，按人去重",
        lambda r, code: persons_of(r.checked(code)),
        over="check",
    ),
    _persons(
        "performers",
        f"做了走访的工作人员，按人去重；{_ANY_RESULT}",
        lambda r, _: len({v.performer for _, _, v in r.visits}),
    ),
)

CATALOGUE: dict[str, Metric] = {m.name: m for m in _ALL}


def metric_of(campaign: Campaign, column: Column) -> tuple[Metric, str]:
    """The metric that fills `column`, and the code behind its colon ("" for none).

    Raises BadConfig for a metric, code or unit that the catalogue or the campaign does not know.
    """
    name, _, code = column.metric.partition(":")
    where = f"活动 {campaign.code} 的栏目 {column.id}"
    metric = CATALOGUE.get(name)
    if metric is None:
        raise BadConfig(
            f"{where} 的指标 {column.metric} 不在指标目录里。请照 docs/METRICS.md 改。", field="columns"
        )
    known = {
        None: {""},
        "group": {g.code for g in campaign.groups},
        "method": {m.code for m in campaign.methods},
        "check": {c.code for c in campaign.checklist},
    }[metric.over]
    if code not in known:
        raise BadConfig(f"{where} 的指标 {column.metric} 用了活动里没有的代码。请核对代码。", field="columns")
    if column.unit not in metric.units:
        fitting = "、".join(metric.units)
        raise BadConfig(
            f"{where} 的单位是“{column.unit}”，指标 {name} 只能用{fitting}。请改单位。", field="columns"
        )
    return metric, code


def check_columns(campaign: Campaign) -> None:
    """Raise BadConfig for the first column that cannot be filled, or an id that is used twice."""
    seen: set[str] = set()
    for column in campaign.columns:
        metric_of(campaign, column)
        if column.id in seen:
            raise BadConfig(
                f"活动 {campaign.code} 的栏目 {column.id} 出现了两次。请改成不同的编号。", field="columns"
            )
        seen.add(column.id)


def count_cells(
    campaign: Campaign,
    people: Iterable[Person],
    visits: Iterable[Visit],
    needs: Iterable[Need],
    *,
    within: Callable[[Person], bool],
    columns: Sequence[Column] | None = None,
) -> dict[str, Number]:
    """Column id -> figure for the organisation that `within` describes, from all records there are.

    `visits` and `needs` of other campaigns may be among them; a death found by any visit counts.
    """
    recount = gather(campaign, list(people), list(visits), list(needs), within)
    cells: dict[str, Number] = {}
    for column in campaign.columns if columns is None else columns:
        metric, code = metric_of(campaign, column)
        cells[column.id] = metric.count(recount, code)
    return cells
