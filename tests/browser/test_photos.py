"""A photo chosen in the visit form without network: kept over a restart, then proven by the server."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, expect

from sync_server.asgi import create_app
from sync_server.settings import Settings
from tests.browser.phone import START_LIMIT_MS, Phone
from tests.browser.serving import LocalServer

pytestmark = pytest.mark.browser
SYNC_LIMIT_MS = 60_000
ZOUFANG = Path(sys.executable).with_name("zoufang")


@pytest.fixture
def server(tmp_path: Path, site: Path) -> Iterator[LocalServer]:
    """The demo's city with the phone app; its data lie in `tmp_path`/city."""
    data = tmp_path / "city"
    command = [ZOUFANG, "demo", "--no-serve", "--data", data, "--seed", "2022"]
    subprocess.run(command, check=True, capture_output=True)
    server = LocalServer(create_app(Settings.at(data), site=site)).start()
    yield server
    server.stop()


def test_a_photo_chosen_offline_is_shrunk_kept_and_proven_once_there_is_a_network(
    server: LocalServer,
    tmp_path: Path,
    chromium_context: BrowserContext,
    open_phone: Callable[[str], Phone],
) -> None:
    phone = open_phone(server.app_url)
    sign_in(phone)
    phone.wait_until_kept()
    chromium_context.set_offline(True)
    server.stop()

    begin_visit(phone)
    for label in ("方式 上门", "结果 见到本人"):
        phone.choose(label)
    phone.touch(phone.page.get_by_role("button", name="照片，可不拍"))
    with phone.page.expect_file_chooser() as chooser:
        phone.tap("选照片")
    chooser.value.set_files([{"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": sideways()}])
    phone.button("照片，1 张").wait_for()
    phone.page.get_by_role("img", name="第 1 张照片").wait_for()
    phone.screenshot("photos-1-chosen")
    phone.tap("保存到本机")
    phone.text("已存在本机").wait_for()
    phone.close()

    phone = open_phone(server.app_url)
    phone.button("记录，1 条还没送到").wait_for(timeout=START_LIMIT_MS)
    phone.go("记录，1 条还没送到", record(phone, "存在本机，等网络，照片 1 张，市里已收到 0 张"))

    server.start()
    chromium_context.set_offline(False)
    received = record(phone, "市里已收到，照片 1 张，市里都收到了")
    expect(received).to_have_count(1, timeout=SYNC_LIMIT_MS)
    phone.touch(received)
    phone.labelled("照片 1 现场：市里已收到").wait_for()
    phone.page.get_by_role("img", name="第 1 张照片").wait_for()
    phone.screenshot("photos-2-proven")
    # 3000 x 4000 held sideways, as it is kept: upright, and small.
    assert proven(tmp_path / "city") == [(1200, 1600)]
    assert phone.foreign_requests() == []


def sign_in(phone: Phone) -> None:
    phone.labelled("账号").wait_for(timeout=START_LIMIT_MS)
    phone.fill("账号", "village")
    phone.fill("密码", "zoufang")
    phone.tap("登录")
    seen = re.compile(r"^还有 \d+ 人没联系到，看名单$")
    phone.page.get_by_role("button", name=seen).wait_for(timeout=SYNC_LIMIT_MS)


def begin_visit(phone: Phone) -> None:
    """Open the form for the first person on the roster who does not mind photos."""
    phone.tap("名册")
    rows = phone.page.get_by_role("button", name=re.compile(r"^给.*记走访$"))
    rows.first.wait_for()
    phone.touch(rows.first)
    phone.button("保存到本机").wait_for()


def record(phone: Phone, state: str) -> Locator:
    return phone.page.get_by_role("button", name=re.compile(f"今天 .* 上门，{state}$"))


def sideways() -> bytes:
    """A photo of 12 megapixels as a phone held upright takes it: lying, with a note how to turn it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    written = io.BytesIO()
    Image.radial_gradient("L").resize((4000, 3000)).convert("RGB").save(written, "JPEG", exif=exif)
    return written.getvalue()


def proven(data: Path) -> list[tuple[int, int]]:
    """Width and height of every photo in the server's store, which holds only what it has hashed."""
    kept = (path for path in (data / "photos").rglob("*") if re.fullmatch("[0-9a-f]{64}", path.name))
    return [Image.open(path).size for path in kept if "thumbs" not in path.parts]
