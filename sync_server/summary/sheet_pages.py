"""How many columns go on one printed page, and how wide and high they are.

A form of forty-five columns on one sheet of A3 would be printed at two thirds of its size. So its
sections are spread over as many sheets side by side as show them at full size, each with the places
in front.

A column's width is a number of digits in the workbook's own font (`UNIT_FONT`), so a machine that has
no such font and takes a wider one prints every column wider. Pages are therefore reckoned as the widest
usual stand-in makes them: where the font is there, the paper keeps a margin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.campaign import Column
from sync_server.summary.cells import Row
from sync_server.summary.layout import Section, sections, spell

HEADER_LINE_PT, ROW_PT = 14, 19
UNIT_FONT, UNIT_SIZE_PT = "Arial", 10  # on Windows and macOS; elsewhere Liberation Sans has its widths
_PAGE_PX = 1500  # A3 landscape between its margins, at 96 px to the inch
_PAGE_PT = 760
_SMALLEST_SCALE = 80
_PX_PER_CHARACTER, _PADDING_PX = 8, 5  # of a column's width: a digit of DejaVu Sans; Arial's has 7
_STEP_PX = 20  # between the widths that are tried
_HEADER_CHARACTERS = 10  # five Chinese characters; a longer header goes on in the next line
# Of a figure, whose font may be missing as well: DejaVu Sans, 11 pt bold, against the unit.
_DIGIT, _SIGNS = 1.46, {",": 0.8, ".": 0.8, "%": 2.1, "-": 0.9}


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """The sections, or parts of one, that stand side by side on a page."""

    sections: tuple[Section, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(column for section in self.sections for column in section.columns)


def name_width(lines: Sequence[tuple[str, Row]]) -> float:
    """Width of the first column, in characters."""
    return max(16.0, *(2 * len(name) + 2 for name, _ in lines))


def column_width(column: Column, lines: Sequence[tuple[str, Row]]) -> float:
    """Width of a figure's column, in characters: room for the longest figure, and for header and unit."""
    longest = max(_figure_width(spell(row.cells[column.id], column.unit)) for _, row in lines)
    broken = -(-2 * len(column.header) // _header_lines(column))  # into lines of nearly the same length
    return max(8.0, longest + 1, broken + 2, 2 * len(column.unit) + 6)


def _figure_width(figure: str) -> float:
    """Room for the figure without a rim, in characters: one that does not fit is shown as ###."""
    return round(sum(_SIGNS.get(character, _DIGIT) for character in figure), 1)


def header_height_pt(columns: Sequence[Column]) -> int:
    """Height of the line of headers: the longest, broken, and its unit below."""
    return HEADER_LINE_PT * (max(_header_lines(column) for column in columns) + 1) + 8


def _header_lines(column: Column) -> int:
    return -(-2 * len(column.header) // _HEADER_CHARACTERS)


def scale_for(height_pt: float) -> int:
    """Per cent at which a sheet so high is printed: a little less than full if it then takes one page."""
    fitting = int(100 * _PAGE_PT / height_pt)
    return min(100, fitting) if fitting >= _SMALLEST_SCALE else 100


def pages_of(columns: tuple[Column, ...], lines: Sequence[tuple[str, Row]]) -> list[PrintedPage]:
    """The columns in their order on as few pages as hold them, a section kept together where it fits.

    The pages are about as wide as one another: the narrowest that neither are more pages nor cut more
    sections.
    """
    widest = _PAGE_PX - _px(name_width(lines))
    widths = {column.id: _px(column_width(column, lines)) for column in columns}
    best = _filled(columns, widths, widest)
    for room in range(widest, max(widths.values()), -_STEP_PX):
        narrower = _filled(columns, widths, room)
        if _parts(narrower) > _parts(best) or len(narrower) > len(best):
            break
        best = narrower
    return best


def _parts(pages: list[PrintedPage]) -> int:
    return sum(len(page.sections) for page in pages)


def _filled(columns: tuple[Column, ...], widths: dict[str, int], room: int) -> list[PrintedPage]:
    pages: list[list[Section]] = [[]]
    left = room
    for section in sections(columns):
        if pages[-1] and sum(widths[column.id] for column in section.columns) > left:
            pages.append([])
            left = room
        taken: list[Column] = []
        for column in section.columns:
            if taken and widths[column.id] > left:
                pages[-1].append(Section(section.title, tuple(taken)))
                pages.append([])
                taken, left = [], room
            taken.append(column)
            left -= widths[column.id]
        pages[-1].append(Section(section.title, tuple(taken)))
    return [PrintedPage(tuple(page)) for page in pages]


def _px(characters: float) -> int:
    return round(characters * _PX_PER_CHARACTER) + _PADDING_PX
