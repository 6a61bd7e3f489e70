"""What is no usable roster gets one sentence of the right kind, and nothing else happens."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from app.domain.divisions import Divisions
from app.domain.errors import FileUnreadable, RosterUnclear, TooLarge, UnknownCode, ZoufangError
from sync_server.roster import read_roster
from tests.roster.sheets import write_workbook

PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
HEADER = ["姓名", "身份证号", "村"]
PERSON = ["徐岭平", "332522197808234359", "巨浦村"]


def _xlsx_bytes() -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in (["青田县巨浦乡花名册"], HEADER, PERSON):
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


def _zip_of_text() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    return buffer.getvalue()


def _locked_xls(path: Path) -> bytes:
    """An `.xls` whose second record is FILEPASS, as encryption leaves it."""
    content = bytearray(write_workbook(path, {"Sheet1": [HEADER, PERSON]}).read_bytes())
    behind_first = content.index(b"\x09\x08\x10\x00") + 20
    content[behind_first : behind_first + 2] = b"\x2f\x00"
    return bytes(content)


def _locked_zip() -> bytes:
    """An `.xlsx` whose parts are marked as encrypted in the archive's directory."""
    content = _xlsx_bytes()
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(signature, at + 1)) >= 0:
            content = content[: at + flags] + bytes([content[at + flags] | 1]) + content[at + flags + 1 :]
    return content


def test_a_locked_workbook_of_either_kind_is_named_as_that(tmp_path: Path, divisions: Divisions) -> None:
    for name, content in (("a.xls", _locked_xls(tmp_path / "plain.xls")), ("a.xlsx", _locked_zip())):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FileUnreadable) as caught:
            read_roster(tmp_path / name, divisions)
        assert caught.value.sentence == f"文件 {name} 设了打开密码。请打开它，去掉密码，另存后再试。"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "是空的", id="an empty file"),
        pytest.param(PNG, "不是 Excel 工作簿", id="an image renamed"),
        pytest.param(
            b"<html><table><tr><td>1</td></tr></table></html>", "不是 Excel 工作簿", id="a web page renamed"
        ),
        pytest.param(_zip_of_text(), "不是 .xlsx 或 .xls", id="another zip archive"),
        pytest.param(_xlsx_bytes()[:1500], "已损坏", id="a download cut off"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "已损坏", id="a damaged xls"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "密码",
            id="a workbook with a password",
        ),
    ],
)
def test_a_file_that_is_no_workbook_is_named_as_that(
    tmp_path: Path, divisions: Divisions, content: bytes, says: str
) -> None:
    path = tmp_path / "roster.xlsx"
    path.write_bytes(content)
    with pytest.raises(FileUnreadable, match=says):
        read_roster(path, divisions)


def test_a_workbook_damaged_inside_its_archive_is_named_as_that(tmp_path: Path, divisions: Divisions) -> None:
    path = tmp_path / "roster.xlsx"
    with zipfile.ZipFile(io.BytesIO(_xlsx_bytes())) as good, zipfile.ZipFile(path, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, good.read(name)[:200] if "sheet1" in name else good.read(name))
    with pytest.raises(FileUnreadable):
        read_roster(path, divisions)


def test_no_file_and_a_folder_are_told_apart_from_a_bad_one(tmp_path: Path, divisions: Divisions) -> None:
    with pytest.raises(FileUnreadable, match="找不到文件"):
        read_roster(tmp_path / "nothing.xlsx", divisions)
    with pytest.raises(FileUnreadable, match="是一个文件夹"):
        read_roster(tmp_path, divisions)


def test_an_empty_sheet_is_not_a_roster(tmp_path: Path, divisions: Divisions) -> None:
    with pytest.raises(FileUnreadable, match="没有内容"):
        read_roster(write_workbook(tmp_path / "empty.xlsx", {"Sheet1": []}), divisions)


def test_titles_without_people_are_not_a_roster(tmp_path: Path, divisions: Divisions) -> None:
    path = write_workbook(tmp_path / "blank.xlsx", {"Sheet1": [["青田县巨浦乡花名册"], HEADER]})
    with pytest.raises(RosterUnclear):
        read_roster(path, divisions)


def test_a_sheet_of_200_000_rows_is_refused_before_it_is_read(tmp_path: Path, divisions: Divisions) -> None:
    row = b'<row r="%d"><c r="A%d"><v>1</v></c></row>'
    rows = b"".join(row % (n, n) for n in range(1, 200_001))
    path = tmp_path / "long.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")  # a reader would stumble over it at once
        archive.writestr(
            "xl/worksheets/sheet1.xml", b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>"
        )
    with pytest.raises(TooLarge, match="20,000 行"):
        read_roster(path, divisions)


def test_a_value_far_below_or_far_right_is_refused(tmp_path: Path, divisions: Divisions) -> None:
    for cell in ("A900000", "XFD1"):
        book = openpyxl.Workbook()
        book.active["A1"], book.active[cell] = "巨浦乡", "x"
        book.save(tmp_path / "stray.xlsx")
        with pytest.raises(TooLarge):
            read_roster(tmp_path / "stray.xlsx", divisions)


def test_formatted_empty_rows_do_not_count(tmp_path: Path, divisions: Divisions) -> None:
    book = openpyxl.Workbook()
    for row in (["青田县巨浦乡花名册"], HEADER, PERSON):
        book.active.append(row)
    for r in range(4, 21_005):
        book.active.cell(r, 1).number_format = "@"
    book.save(tmp_path / "formatted.xlsx")
    assert [row.name for row in read_roster(tmp_path / "formatted.xlsx", divisions).rows] == ["徐岭平"]


@pytest.mark.parametrize("township", ["330000", "331121", "331121209200", "转塘街道"])
def test_a_township_outside_the_divisions_is_refused_before_the_file_is_opened(
    divisions: Divisions, township: str
) -> None:
    with pytest.raises(UnknownCode):
        read_roster("nothing.xlsx", divisions, township)


def test_everything_that_cannot_be_placed_is_asked_for_in_one_message(
    tmp_path: Path, divisions: Divisions
) -> None:
    rows: list[list[object]] = [
        ["退役军人花名册"],
        ["编号", "号码", "村"],
        [1, PERSON[1], "巨浦村"],
        [2, "332522195309026556", "湖云村"],
    ]
    with pytest.raises(RosterUnclear) as caught:
        read_roster(write_workbook(tmp_path / "odd.xlsx", {"Sheet1": rows}), divisions)
    assert caught.value.sentence == (
        "花名册 odd.xlsx 还读不全：看不出是哪个乡镇。看村名像是青田县巨浦乡，"
        "是的话请在命令后加 --township 331121209；表“Sheet1”里找不到“姓名”列，请在表头写明。"
        "什么也没有导入。"
    )


def test_foreign_and_several_townships_are_asked_about(tmp_path: Path, divisions: Divisions) -> None:
    elsewhere = write_workbook(tmp_path / "a.xlsx", {"a": [["西湖区转塘街道花名册"], HEADER, PERSON]})
    with pytest.raises(RosterUnclear, match="转塘街道”不在区划表里"):
        read_roster(elsewhere, divisions)
    two = [
        ["姓名", "身份证号", "乡镇"],
        ["徐岭平", PERSON[1], "巨浦乡"],
        ["章星", "332522195309026556", "仁庄镇"],
    ]
    with pytest.raises(RosterUnclear, match="不止一个乡镇（巨浦乡、仁庄镇）"):
        read_roster(write_workbook(tmp_path / "b.xlsx", {"a": two}), divisions)


def test_no_sentence_names_a_person_or_a_number(tmp_path: Path, divisions: Divisions) -> None:
    path = write_workbook(tmp_path / "c.xlsx", {"a": [["花名册"], HEADER, PERSON]})
    with pytest.raises(ZoufangError) as caught:
        read_roster(path, divisions)
    assert not any(personal in caught.value.sentence for personal in PERSON[:2])
