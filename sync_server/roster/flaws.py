"""Cells of an `.xlsx` whose value the file does not give: errors, and formulas nobody has computed.

Readers of workbooks show both as empty, and an empty cell means something in a roster: the village
above, nobody away. So they are found in the file itself, row by row while its size is measured.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

UNCOMPUTED = "#未算出"  # stands in the cell of a formula without a result, as #REF! does in an error's

_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_REF = re.compile(rb'(?:^|\s)r="([A-Z]{1,3})(\d+)"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]+)</")
_IS_ERROR, _IS_TEXT = re.compile(rb'\bt="e"'), re.compile(rb'\bt="(?:str|inlineStr|s)"')
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*?\b\w+:id=\"([^\"]+)\"")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(r"\b(Id|Target)=\"([^\"]*)\"")

Flaws = dict[tuple[int, int], str]  # row and column from 0 -> the error as shown, or UNCOMPUTED


def flaws_in(row: bytes) -> Flaws:
    """The cells of one `<row>` element that have no value of their own."""
    if b't="e"' not in row and _FORMULA.search(row) is None:
        return {}
    found: Flaws = {}
    for cell in _CELL.finditer(row):
        attributes, body = cell.group(1), cell.group(2) or b""
        place, value = _REF.search(attributes), _VALUE.search(body)
        if place is None:
            continue
        at = int(place.group(2)) - 1, column_number(place.group(1)) - 1
        if _IS_ERROR.search(attributes):
            found[at] = value.group(1).decode("ascii", "replace") if value else "#N/A"
        elif value is None and _FORMULA.search(body) and not _IS_TEXT.search(attributes):
            found[at] = UNCOMPUTED
    return found


def sheet_parts(archive: zipfile.ZipFile) -> Iterator[str]:
    """The archive's name of each sheet's part, in the order of the sheets; empty where it is not told."""
    names = archive.namelist()
    if "xl/_rels/workbook.xml.rels" not in names:
        return
    relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets: dict[str, str] = {}
    for relation in _RELATION.findall(relations):
        told = dict(_ATTRIBUTE.findall(relation))
        targets[told.get("Id", "")] = told.get("Target", "")
    for relation in _SHEET.findall(archive.read("xl/workbook.xml").decode("utf-8", "replace")):
        target = targets.get(relation, "")
        yield target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def column_number(letters: bytes) -> int:
    """A -> 1, AA -> 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
