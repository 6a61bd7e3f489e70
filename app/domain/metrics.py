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
from app.domain.codes import ActivityKind, CardState, PhotoKind
from app.domain.errors import BadConfig
from app.domain.identity import ACTIVE_FAMILY, OTHER, SURVIVOR, VETERAN
from app.domain.models import Need, Person, RecordModel, Visit
from app.domain.recount import Recount, attendance, gather, households_of, persons_of

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
    is_each_levels: bool = False  # an organisation has some of its own, in none of its children's lines


Count = Callable[[Recount, str], Number]


def _persons(name: str, meaning: str, count: Count, *, over: str | None = None) -> Metric:
    return Metric(name, ("人",), meaning, count, over, is_distinct=True)


def _households(name: str, meaning: str, count: Count) -> Metric:
    return Metric(name, ("户",), meaning, count, is_distinct=True)


def _contacts(name: str, meaning: str, count: Count, *, over: str | None = None) -> Metric:
    return Metric(name, ("人次",), meaning, count, over)


def _of_stations(name: str, unit: str, meaning: str, count: Count) -> Metric:
    return Metric(name, (unit,), meaning, count, is_each_levels=True)


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
    Metric(
        "needs_closed", ("件",), "发现的困难里已经办结的（含回访），以最后一步为准", lambda r, _: r.closed()
    ),
    Metric(
        "needs_open",
        ("件",),
        "发现的困难里还没有办结的",
        lambda r, _: len(r.needs) - r.closed(),
    ),
    _persons(
        "persons_aided",
        "困难办理中得到帮扶的人，按人去重；慰问金、慰问品不算在内",
        lambda r, _: len({person for person, _ in r.aid}),
    ),
    Metric(
        "aid_money",
        ("元",),
        "困难办理中的帮扶资金合计；只给了慰问金、慰问品的步骤不算",
        lambda r, _: yuan(sum(step.money_fen for _, step in r.aid)),
    ),
    _of_stations(
        "symposia", "场", "本级和下级办的座谈会", lambda r, _: len(r.activities(ActivityKind.SYMPOSIUM))
    ),
    _of_stations(
        "symposia_attendance",
        "人次",
        "座谈会的参加人数合计",
        lambda r, _: attendance(r.activities(ActivityKind.SYMPOSIUM)),
    ),
    _of_stations(
        "deeds_talks",
        "场",
        "本级和下级办的先进事迹宣讲会",
        lambda r, _: len(r.activities(ActivityKind.DEEDS_TALK)),
    ),
    _of_stations(
        "deeds_talks_attendance",
        "人次",
        "宣讲会的参加人数合计",
        lambda r, _: attendance(r.activities(ActivityKind.DEEDS_TALK)),
    ),
    _of_stations(
        "opinions",
        "条",
        "意见建议；对工作者的只从县一级起计入，村、乡镇的数里没有",
        lambda r, _: r.opinions(about_workers=False) + r.opinions(about_workers=True),
    ),
    _of_stations(
        "opinions_work",
        "条",
        "对政策、工作和其他的意见建议",
        lambda r, _: r.opinions(about_workers=False),
    ),
    _of_stations(
        "opinions_worker",
        "条",
        "对工作者的意见；记在县里（单位的记在市里），村、乡镇总是 0",
        lambda r, _: r.opinions(about_workers=True),
    ),
    _persons(
        "confirm_due",
        "要做年度确认的在世的人：重点优抚对象，按人去重（应）；确认时已故的仍算",
        lambda r, _: len(r.to_confirm),
    ),
    _persons(
        "confirm_done",
        "其中本活动里做了年度确认的（已）；暂缓的不算",
        lambda r, _: len(r.confirmed),
    ),
    _persons("persons_filed", "本活动里建档立卡新建或更新好的人", lambda r, _: len(r.filed())),
    _persons("cards_applied", "本活动里申领优待证的人", lambda r, _: len(r.card(CardState.APPLIED))),
    Metric(
        "cards_issued",
        ("张",),
        "本活动里发放的优待证，一人一张，按人去重",
        lambda r, _: len(r.card(CardState.ISSUED)),
        is_distinct=True,
    ),
    _persons("persons_exemplary", "发现的先进典型，按人去重", lambda r, _: len(r.exemplary())),
    _of_stations(
        "pictures",
        "张",
        "现场和宣传图片的记录；证件材料不算；图片本身还没有传到的也算",
        lambda r, _: r.photos(PhotoKind.SCENE, PhotoKind.PUBLICITY),
    ),
    _of_stations(
        "videos", "个", "短视频的记录；视频本身还没有传到的也算", lambda r, _: r.photos(PhotoKind.VIDEO)
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
    facts: Iterable[RecordModel] = (),
    *,
    within: Callable[[Person], bool],
    station_within: Callable[[str], bool] = lambda _: False,
    columns: Sequence[Column] | None = None,
) -> dict[str, Number]:
    """Column id -> figure for the organisation that `within` describes, from all records there are.

    `facts` are of app.domain.facts, the steps of needs in the order in which they count; `station_within`
    tells by its code whether a station lies in the organisation. Records of other campaigns may be among
    them; a death found by any visit counts.
    """
    recount = gather(
        campaign,
        list(people),
        list(visits),
        list(needs),
        list(facts),
        within=within,
        station_within=station_within,
    )
    cells: dict[str, Number] = {}
    for column in campaign.columns if columns is None else columns:
        metric, code = metric_of(campaign, column)
        cells[column.id] = metric.count(recount, code)
    return cells
