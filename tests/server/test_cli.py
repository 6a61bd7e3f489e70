"""The commands: what they print, and exit code 2 with one sentence for anything wrong."""

from __future__ import annotations

import io
import json
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.domain.errors import NotSignedIn
from sync_server import assets
from sync_server.__main__ import main
from sync_server.records.accounts import authenticate, sign_in
from sync_server.records.city import open_city
from sync_server.settings import Settings
from tests.fakes import NOON

TOWN_A = Path(__file__).parents[1] / "fixtures" / "roster-town-a.xlsx"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def zoufang(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command on a data folder of the test's own; `typed` is what the keyboard says."""

    def run(*words: str, typed: str = "") -> Ran:
        monkeypatch.setenv("ZOUFANG_DATA", str(tmp_path / "data"))
        monkeypatch.setattr(sys, "argv", ["zoufang", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run


def test_check_stores_nothing_and_says_each_row(zoufang: Run, tmp_path: Path) -> None:
    ran = zoufang("roster", "check", str(TOWN_A), "--json")
    assert (ran.code, len(json.loads(ran.out)["rows"])) == (0, 436)
    assert not (tmp_path / "data").exists()


def test_check_lists_villages_and_problems_with_their_rows(zoufang: Run) -> None:
    ran = zoufang("roster", "check", str(TOWN_A))
    assert ran.code == 0
    for word in ("青田县巨浦乡：436 行", "巨浦村村委会", "校验码不符", "已故 3 人"):
        assert word in ran.out


def test_import_tells_what_changed_and_the_second_time_nothing(zoufang: Run) -> None:
    reports = [json.loads(zoufang("roster", "import", str(TOWN_A), "--json").out) for _ in range(2)]
    assert [(r["new"], r["changed"], r["unchanged"]) for r in reports] == [(436, 0, 0), (0, 0, 436)]
    assert "没有变化 436 人" in zoufang("roster", "import", str(TOWN_A)).out


def test_an_account_signs_in_where_it_was_made(zoufang: Run) -> None:
    ran = zoufang("account", "add", "w1", "--org", "331121209200", "--role", "RECORDER", typed="secret12\n")
    assert (ran.code, "巨浦村" in ran.out) == (0, True)


def test_a_backup_put_back_is_told_how_far_it_goes(zoufang: Run) -> None:
    zoufang("roster", "import", str(TOWN_A))
    ran = zoufang("restore-mark")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("已记下：数据库从备份恢复过，备份记到第 436 号。")


def test_an_account_moves_to_another_station(zoufang: Run) -> None:
    zoufang("account", "add", "w1", "--org", "331121209200", "--role", "RECORDER", typed="secret12\n")
    ran = zoufang("account", "move", "w1", "--org", "331121209202")
    assert (ran.code, "331121209202" in ran.out) == (0, True)


def test_a_forgotten_password_is_set_anew_and_nobody_is_signed_out(zoufang: Run, tmp_path: Path) -> None:
    zoufang("account", "add", "w1", "--org", "331121209200", "--role", "RECORDER", typed="secret12\n")
    engine = open_city(Settings.at(tmp_path / "data"))
    token = sign_in(engine, "w1", "secret12", "", now_ms=NOON).token
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            sign_in(engine, "w1", "guessed", "", now_ms=NOON)
    ran = zoufang("account", "password", "w1", typed="another34\n")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("账号 w1（w1）的密码已改，现在就能登录。")
    assert sign_in(engine, "w1", "another34", "", now_ms=NOON).account.login == "w1"
    with pytest.raises(NotSignedIn):
        sign_in(engine, "w1", "secret12", "", now_ms=NOON)
    assert authenticate(engine, token, now_ms=NOON).account is not None
    engine.dispose()


def test_a_password_that_is_too_short_leaves_the_old_one(zoufang: Run, tmp_path: Path) -> None:
    zoufang("account", "add", "w1", "--org", "331121209200", "--role", "RECORDER", typed="secret12\n")
    ran = zoufang("account", "password", "w1", typed="short\n")
    assert (ran.code, ran.out, ran.err) == (2, "", "密码要 6 至 256 个字，没有改。请换一个再试。\n")
    engine = open_city(Settings.at(tmp_path / "data"))
    assert sign_in(engine, "w1", "secret12", "", now_ms=NOON).account.login == "w1"
    engine.dispose()


def test_accounts_are_listed_from_above_down_within_an_organisation(zoufang: Run) -> None:
    assert zoufang("roster", "import", str(TOWN_A)).code == 0
    assert zoufang("account", "list").out == "没有账号。\n"
    for login, org, role in (
        ("w1", "331121209200", "RECORDER"),
        ("c1", "331121", "COUNTY_CLERK"),
        ("w2", "331102001001", "RECORDER"),
    ):
        zoufang(
            "account", "add", login, "--org", org, "--role", role, "--name", "[b]李四", typed="secret12\n"
        )

    def listed(*words: str) -> list[tuple[str, ...]]:
        found = json.loads(zoufang("account", "list", "--json", *words).out)
        return [(a["login"], a["name"], a["role"], a["organisation"]) for a in found]

    everybody = [
        ("w2", "[b]李四", "RECORDER", "331102001001"),
        ("c1", "[b]李四", "COUNTY_CLERK", "331121"),
        ("w1", "[b]李四", "RECORDER", "331121209200"),
    ]
    assert listed() == everybody
    assert listed("--org", "331121") == everybody[1:]
    table = zoufang("account", "list", "--org", "331121").out
    assert all(word in table for word in ("c1", "[b]李四", "县级经办", "331121209200", "巨浦村"))
    assert "w2" not in table


def test_a_lost_phone_is_found_in_the_list_and_switched_off(zoufang: Run, tmp_path: Path) -> None:
    zoufang("account", "add", "w1", "--org", "331121209200", "--role", "RECORDER", typed="secret12\n")
    zoufang("account", "add", "w2", "--org", "331102001001", "--role", "RECORDER", typed="secret12\n")
    assert zoufang("device", "list").out == "没有登录过的设备。\n"
    engine = open_city(Settings.at(tmp_path / "data"))
    lost = sign_in(engine, "w1", "secret12", "丢的[red]手机", now_ms=NOON).device.id
    other = sign_in(engine, "w2", "secret12", "", now_ms=NOON).device.id
    engine.dispose()

    def listed(*words: str) -> list[tuple[str, list[str], bool]]:
        found = json.loads(zoufang("device", "list", "--json", *words).out)
        return [(d["id"], d["logins"], d["revoked_at"] is None) for d in found]

    assert sorted(listed()) == sorted([(lost, ["w1"], True), (other, ["w2"], True)])
    assert listed("--org", "331121") == [(lost, ["w1"], True)]
    assert listed("--login", "w2") == [(other, ["w2"], True)]
    ran = zoufang("device", "revoke", lost)
    assert (ran.code, f"设备 {lost}“丢的[red]手机”（账号 w1）已停用" in ran.out) == (0, True)
    assert listed("--org", "331121") == [(lost, ["w1"], False)]
    table = zoufang("device", "list").out
    assert all(word in table for word in (lost, other, "丢的[red]手机", "停用", "在用"))
    before = json.loads(zoufang("device", "list", "--json").out)
    assert zoufang("device", "revoke", lost).code == 0
    assert json.loads(zoufang("device", "list", "--json").out) == before


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["roster", "check", "nowhere.xlsx"], id="no file"),
        pytest.param(["roster", "import", "nowhere.xlsx"], id="no file to import"),
        pytest.param(["roster", "import", __file__], id="no workbook"),
        pytest.param(["account", "add", "w1", "--org", "331121209200", "--role", "KING"], id="no such role"),
        pytest.param(["account", "add", "w1", "--org", "1", "--role", "RECORDER"], id="no such organisation"),
        pytest.param(["account", "add", "w1", "--org", "3311", "--role", "RECORDER"], id="role does not fit"),
        pytest.param(["account", "move", "nobody", "--org", "3311"], id="no such account"),
        pytest.param(["account", "password", "nobody"], id="no account to give a password"),
        pytest.param(["account", "list", "--org", "1"], id="no such organisation with accounts"),
        pytest.param(["device", "revoke", "nothing"], id="no such device"),
        pytest.param(["device", "list", "--org", "1"], id="no such organisation to list"),
    ],
)
def test_a_wrong_command_ends_in_one_sentence(zoufang: Run, words: list[str]) -> None:
    ran = zoufang(*words, typed="secret12\n")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert ran.err.endswith("。\n")
    assert "Traceback" not in ran.err


def test_a_first_import_says_that_it_made_the_database(zoufang: Run, tmp_path: Path) -> None:
    said = [zoufang("roster", "import", str(TOWN_A), "--json").err for _ in range(2)]
    assert said == [f"数据文件夹 {tmp_path / 'data'} 里原来没有数据库，已新建。\n", ""]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of campaign files, the test's own to change."""
    mine = tmp_path / "assets"
    shutil.copytree(assets.ASSETS / "campaigns", mine / "campaigns")
    shutil.copytree(assets.ASSETS / "divisions", mine / "divisions")
    monkeypatch.setattr(assets, "ASSETS", mine)
    return mine / "campaigns"


def test_a_changed_campaign_file_takes_effect_at_the_next_command(zoufang: Run, files: Path) -> None:
    zoufang("roster", "import", str(TOWN_A))
    file = files / "lishui-2022.toml"
    text = file.read_text("utf-8").replace('header = "服务对象总数"', 'header = "名册人数"')
    file.write_text(text, "utf-8")
    ran = zoufang("report", "lishui-2022", "--org", "331121209")
    assert (ran.code, ran.err) == (0, "")
    assert "名册人数" in ran.out


def test_a_broken_campaign_file_stops_only_its_own_report(zoufang: Run, files: Path) -> None:
    zoufang("roster", "import", str(TOWN_A))
    text = (files / "lishui-2022.toml").read_text("utf-8").replace("lishui-2022", "lishui-2023", 1)
    (files / "lishui-2023.toml").write_bytes(text.encode("gb18030"))
    sentence = "活动配置 lishui-2023.toml 不是 UTF-8 编码的文本。请另存为 UTF-8 再用。\n"
    other = zoufang("report", "lishui-2022", "--org", "331121209", "--json")
    assert (other.code, other.err) == (0, f"注意：{sentence}")
    assert json.loads(other.out)["rows"][-1]["cells"]["A2"] > 400
    own = zoufang("report", "lishui-2023", "--org", "331121209", "--json")
    assert (own.code, own.out, own.err) == (2, "", sentence)
    again = zoufang("roster", "import", str(TOWN_A), "--json")
    assert (again.code, again.err) == (0, f"注意：{sentence}")


@pytest.mark.parametrize(
    ("port", "said"),
    [
        ("99999", "没有 99999 号端口，端口是 1 到 65535。请用 --port 换一个，如 8010。\n"),
        ("0", "没有 0 号端口，端口是 1 到 65535。请用 --port 换一个，如 8010。\n"),
    ],
)
def test_a_port_that_is_none_is_refused_before_anything_is_made(
    zoufang: Run, tmp_path: Path, port: str, said: str
) -> None:
    ran = zoufang("serve", "--port", port)
    assert (ran.code, ran.out, ran.err, (tmp_path / "data").exists()) == (2, "", said, False)


def test_a_port_in_use_is_one_sentence(zoufang: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = zoufang("serve", "--port", str(port))
    assert (ran.code, ran.err) == (2, f"端口 {port} 已被占用。请用 --port 换一个，如 8010。\n")


HELP = "请用 zoufang --help 或在命令后加 --help 看写法。\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["report", "lishui-2022"], "命令里少了 --org。", id="option missing"),
        pytest.param(["roster", "import"], "命令里少了 FILE。", id="argument missing"),
        pytest.param(["serve", "--port", "many"], "--port 的值填得不对。", id="no number"),
        pytest.param(["serve", "--prot", "1"], "没有选项 --prot，或它少了值。", id="unknown option"),
        pytest.param(["reprot"], "命令写得不对：没有这个命令，或多写了内容。", id="unknown command"),
        pytest.param(
            ["build-web", "x"], "命令写得不对：没有这个命令，或多写了内容。", id="one word too many"
        ),
    ],
)
def test_a_command_written_wrongly_is_told_in_chinese(zoufang: Run, words: list[str], said: str) -> None:
    ran = zoufang(*words)
    assert (ran.code, ran.out, ran.err) == (2, "", said + HELP)


def test_help_is_no_mistake_and_no_command_shows_it(zoufang: Run) -> None:
    assert [zoufang("--help").code, zoufang("roster").code, zoufang("roster").err] == [0, 2, ""]


@pytest.mark.parametrize(
    "words",
    [[], ["roster"], ["account", "add"], ["account", "password"], ["device", "list"], ["demo"], ["report"]],
    ids=lambda words: " ".join(words) or "zoufang",
)
def test_help_has_no_english_headings(zoufang: Run, words: list[str]) -> None:
    ran = zoufang(*words, "--help")
    assert (ran.code, "写法：" in ran.out, "选项" in ran.out) == (0, True, True)
    english = (
        "Usage",
        "OPTIONS",
        "Options",
        "COMMAND",
        "Commands",
        "Arguments",
        "Show",
        "required",
        "default",
    )
    assert [word for word in english if word in ran.out] == []


def test_serve_listens_where_the_environment_says(zoufang: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOUFANG_PORT", "70000")
    assert zoufang("serve").err.startswith("没有 70000 号端口")
    monkeypatch.setenv("ZOUFANG_PORT", "eight")
    assert zoufang("serve").err == "环境变量 ZOUFANG_PORT 应是端口号，如 8000。请改正后再启动。\n"


def test_a_host_that_is_not_ours_is_one_sentence(zoufang: Run) -> None:
    ran = zoufang("serve", "--host", "192.0.2.1")
    assert (ran.code, ran.err) == (
        2,
        "本机没有 192.0.2.1 这个地址。请用 --host 换一个，如 127.0.0.1。\n",
    )


def test_a_data_folder_with_something_else_in_it_is_left_alone(zoufang: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    strange = tmp_path / "data" / "zoufang.sqlite"
    strange.write_bytes(b"\x89PNG an image, renamed" * 100)
    ran = zoufang("roster", "import", str(TOWN_A))
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "那个文件不是数据库" in ran.err
    assert strange.read_bytes() == b"\x89PNG an image, renamed" * 100


def test_an_address_that_is_no_database_is_told(zoufang: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOUFANG_DATABASE", "no such thing")
    ran = zoufang("roster", "import", str(TOWN_A))
    assert (ran.code, "ZOUFANG_DATABASE" in ran.err) == (2, True)
