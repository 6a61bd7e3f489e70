"""The paper sheet on the phone: printed as a page of its own, and written up in its order (从纸单补记)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from html import escape
from typing import Any

from app.domain.paper import AFTER_USE, DONE, METHODS, RESULTS, PaperLine, read_code, sheets_of
from app.state.form import VisitForm, form_from_draft, new_visit
from app.state.session import Session
from app.store import drafts, prefs, visits
from app.store.index import UNVISITED

PAPER = "paper"  # `about` of the draft of a sheet that is being written up
_ORDER = "paper_order"  # the order of the sheet printed last on this phone, by village

_STYLE = """
@page { size: A4 portrait; margin: 10mm }
body { margin: 0; background: #fff; color: #000; font: 12pt/1.25 "Noto Sans SC", "Noto Sans CJK SC",
  "PingFang SC", "Microsoft YaHei", sans-serif }
section { break-after: page } section:last-child { break-after: auto }
table { width: 100%; border-collapse: collapse; table-layout: fixed }
caption { text-align: left; font-weight: 700; padding-bottom: 2mm }
th, td { border: 1px solid #000; padding: 0 1.5mm; text-align: left; font-weight: 400 }
thead th { height: 8mm; font-size: 10pt } tbody tr { height: 16mm; break-inside: avoid }
b { font-size: 14pt } small { font-size: 10pt } i { font-style: normal; white-space: nowrap }
th:nth-child(1) { width: 27% } th:nth-child(2) { width: 12% } th:nth-child(3), th:nth-child(4) { width: 19% }
p { font-size: 10pt; margin: 2mm 0 }
"""


@dataclass(frozen=True, slots=True)
class PaperWork:
    """A sheet being written up: the `at`-th of `people` is next. `form.day` stays from one to the next.

    `saved`: (position, visit) of those written so far, the last one last.
    """

    people: tuple[str, ...]
    at: int = 0
    form: VisitForm = field(default_factory=VisitForm)
    saved: tuple[tuple[int, str], ...] = ()

    @property
    def person(self) -> str | None:
        """Who is next; None at the end of the sheet."""
        return self.people[self.at] if self.at < len(self.people) else None


def left_in(session: Session, village: str) -> list[str]:
    """Who of `village` is not reached yet, in list order: the lines of a sheet."""
    return session.index.search(filters=frozenset({UNVISITED}), village=village)


def sheet_of(session: Session, village: str, name: str, lines: list[PaperLine]) -> bytes:
    """The sheet of `lines` as a page that any browser prints, and its order kept for writing it up.

    `name`: what the village is called. Two of its lines need no more than the order to be told apart.
    """
    people = [line.person for line in lines]
    kept = dict(prefs.pref(session.store, _ORDER, {}))
    prefs.set_pref(session.store, _ORDER, {**kept, village: people})
    by_id = {line.person: line for line in lines}
    sheets = sheets_of(village, people)
    day = f"{session.now():%Y-%m-%d}"
    title = f"{session.campaign.name}走访单 · {name} · {day}"
    pages = "".join(
        _page(title, [by_id[one] for one in sheet.people], f"第 {sheet.number} 张，共 {len(sheets)} 张")
        for sheet in sheets
    )
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>{pages}</body></html>"
    ).encode()


def _page(title: str, lines: list[PaperLine], number: str) -> str:
    def boxes(names: tuple[str, ...]) -> str:
        return " ".join(f"<i>□{name}</i>" for name in names)

    rows = "".join(
        f"<tr><th scope=row>□ <b>{escape(line.name)}</b> {escape(line.age)}<br>"
        f"<small>{escape(line.house)} {escape(line.tags)}</small></th>"
        f"<td>{boxes(METHODS)}</td><td>{boxes(RESULTS)}</td><td>{boxes(DONE)}</td><td></td></tr>"
        for line in lines
    )
    heads = "".join(f"<th scope=col>{name}</th>" for name in ("谁", "方式", "结果", "做了什么", "几点、备注"))
    foot = f"{number} · 补记：手机上“从纸单补记” · <b>{AFTER_USE}</b>"
    return (
        f"<section><table><caption>{escape(title)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table><p>{foot}</p></section>"
    )


def printed_order(session: Session, village: str) -> list[str]:
    """The order of the sheet that was printed last on this phone for `village`; empty: none was."""
    kept: dict[str, list[str]] = prefs.pref(session.store, _ORDER, {})
    return kept.get(village, [])


def begun(session: Session) -> PaperWork | None:
    """The sheet that was begun and not finished."""
    kept = drafts.draft_of(session.store, "", about=PAPER)
    if kept is None:
        return None
    return PaperWork(
        people=tuple(kept["people"]),
        at=kept["at"],
        form=form_from_draft(kept["form"]),
        saved=tuple((at, visit) for at, visit in kept["saved"]),
    )


def begin(session: Session, people: list[str]) -> PaperWork:
    """Begin a sheet of `people`, those who are on this phone's list and not dead; the one before goes."""
    index = session.index
    here = tuple(one for one in people if index.is_listed(one) and not index.is_deceased(one))
    return keep(session, PaperWork(here, form=session.blank_form()))


def begin_scanned(session: Session, text: str) -> PaperWork:
    """Begin the sheet whose code was scanned; raises BadInput for what is no such code."""
    return begin(session, list(read_code(text).people))


def keep(session: Session, work: PaperWork) -> PaperWork:
    """Keep how far the sheet is written up; a finished one leaves no draft behind."""
    if work.person is None:
        drafts.drop_draft(session.store, "", about=PAPER)
    else:
        draft: dict[str, Any] = {**asdict(work), "form": work.form.to_draft()}
        drafts.keep_draft(session.store, "", draft, about=PAPER)
    return work


def save_line(session: Session, work: PaperWork) -> PaperWork:
    """Save the visit of this line and go to the next, with day and method kept.

    Raises FormProblem for what is missing or unclear, StoreFault; then the line stands as it was.
    """
    assert work.person is not None, "a finished sheet has no line to be saved"
    visit = visits.record_visit(
        session.store, new_visit(work.form, work.person, campaign=session.campaign, now=session.now())
    )
    session.wake("save")
    return keep(session, _moved(work, 1, saved=(*work.saved, (work.at, visit))))


def skip_line(session: Session, work: PaperWork) -> PaperWork:
    """Nothing is written on this line."""
    return keep(session, _moved(work, 1))


def undo_line(session: Session, work: PaperWork) -> PaperWork:
    """Take the last line that was saved back and stand at it again; raises TooLateToUndo."""
    at, visit = work.saved[-1]
    visits.undo_visit(session.store, visit)
    session.wake("save")
    return keep(session, _moved(replace(work, at=at), 0, saved=work.saved[:-1]))


def _moved(work: PaperWork, by: int, *, saved: tuple[tuple[int, str], ...] | None = None) -> PaperWork:
    form = VisitForm(method=work.form.method, day=work.form.day)
    return replace(work, at=work.at + by, form=form, saved=work.saved if saved is None else saved)
