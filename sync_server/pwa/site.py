"""The static part of the site: Flutter, CanvasKit and Pyodide from flet-web, the page, the fonts.

flet-web's client asks strangers for three things: CanvasKit and fallback fonts (settings in
web/index.html) and the Rive runtime (patched here). After that the page makes no foreign request,
which matters where such hosts cannot be reached, and `tests/browser` holds it to that.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import flet_web

from app.domain.errors import BuildFailed
from sync_server.pwa.fallback import name_one_font_for_ideographs

WEB = Path(__file__).parent / "web"
BASE_PATH = "/app/"
REGULAR_FONT = "assets/fonts/NotoSansSC-Regular.woff2"
BOLD_FONT = "assets/fonts/NotoSansSC-Bold.woff2"
RARE_FONT = "assets/fonts/NotoSansSC-Rare.woff2"
# What Flutter asks for under this path are slices of Noto fonts, for characters that the two above
# lack; the service worker, and the server before there is one, answer with the third.
RARE_FONT_SLICES = "assets/fonts/noto"
# Of flet-web's 74 MB the page uses these; the rest is other renderers, symbols, types and players.
_TAKEN = (
    "flutter.js",
    "flutter_bootstrap.js",
    "main.dart.js",
    "version.json",
    "canvaskit/canvaskit.js",
    "canvaskit/canvaskit.wasm",
    "canvaskit/chromium/canvaskit.js",
    "canvaskit/chromium/canvaskit.wasm",
    "pyodide/pyodide.mjs",
    "pyodide/pyodide.asm.mjs",
    "pyodide/pyodide.asm.wasm",
    "pyodide/pyodide-lock.json",
    "assets/AssetManifest.bin",
    "assets/AssetManifest.bin.json",
    "assets/NOTICES",
    "assets/fonts/MaterialIcons-Regular.otf",
    "assets/packages/cupertino_icons/assets/CupertinoIcons.ttf",
    "assets/shaders/*",
)
_OWN = ("python.js", "python-worker.js", "opfs.js", "photos.js", "register-sw.js")
# Flutter lays text out in Roboto before the app's theme is known. With the Chinese font under that
# name it is there from the first frame, and Flutter never goes looking for fallbacks.
_FONT_MANIFEST = [
    {"family": "MaterialIcons", "fonts": [{"asset": "fonts/MaterialIcons-Regular.otf"}]},
    {
        "family": "packages/cupertino_icons/CupertinoIcons",
        "fonts": [{"asset": "packages/cupertino_icons/assets/CupertinoIcons.ttf"}],
    },
    {
        "family": "Roboto",
        "fonts": [
            {"asset": REGULAR_FONT.removeprefix("assets/"), "weight": 400},
            {"asset": BOLD_FONT.removeprefix("assets/"), "weight": 700},
        ],
    },
]
# Nothing here is a Rive animation, so its runtime never comes; without the function Flutter would
# report an error at each start.
_RIVE_STUB = "globalThis.RiveNative = () => new Promise(() => {});\n"
_MANIFEST = {
    "id": BASE_PATH,
    "name": "走访",
    "short_name": "走访",
    "description": "没有网络也能记，记下的一条不少",
    "lang": "zh-CN",
    "dir": "ltr",
    "start_url": ".",
    "scope": ".",
    "display": "standalone",
    "orientation": "natural",
    "background_color": "#F2F4F1",
    "theme_color": "#0D5652",
    "icons": [
        {
            "src": f"icons/icon-{kind}{size}.png",
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in (192, 512)
        for kind, purpose in (("", "any"), ("maskable-", "maskable"))
    ],
}


def client_folder() -> Path:
    """Where flet-web keeps the Flutter client and Pyodide."""
    return Path(flet_web.get_package_web_dir())


def lay_out_client(site: Path) -> None:
    """Copy what the page takes from flet-web into `site`, with its foreign requests cut."""
    client = client_folder()
    for pattern in _TAKEN:
        sources = sorted(client.glob(pattern))
        if not sources:
            raise BuildFailed(f"flet-web 里没有 {pattern}。请按 pyproject.toml 的版本重装 flet-web。")
        for source in sources:
            target = site / source.relative_to(client)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    # The Rive runtime would be asked of a CDN at every start.
    _patch(
        site / "main.dart.js",
        r"https://cdn\.jsdelivr\.net/npm/@rive-app/flutter-native-wasm@[^/\"']*/",
        "none/",
    )
    for variant in ("wasm", "wasm_compatibility"):
        stub = site / "none" / variant / "rive_native.js"
        stub.parent.mkdir(parents=True)
        stub.write_text(_RIVE_STUB, "utf-8")
    script = site / "main.dart.js"
    rewritten = name_one_font_for_ideographs(script.read_text("utf-8"))
    if rewritten is None:
        raise _unlike(script)
    script.write_text(rewritten, "utf-8")
    # Flutter's own service worker unregisters whichever it finds: ours.
    _patch(site / "flutter_bootstrap.js", r"serviceWorkerSettings: \{.*?\},\n", "")


def lay_out_page(site: Path) -> None:
    """Write the page, its scripts and its manifests."""
    page = (WEB / "index.html").read_text("utf-8")
    (site / "index.html").write_text(page.replace("__BASE__", BASE_PATH), "utf-8")
    for name in _OWN:
        shutil.copyfile(WEB / name, site / name)
    _write_json(site / "manifest.json", _MANIFEST)
    _write_json(site / "assets" / "FontManifest.json", _FONT_MANIFEST)


def lay_out_assets(site: Path, assets: Path, to_woff2: Callable[[Path], Path]) -> None:
    """Put icons and fonts in place; `to_woff2` gives the web form of a font file."""
    shutil.copytree(assets / "icons", site / "icons")
    for font in (REGULAR_FONT, BOLD_FONT):
        shutil.copyfile(to_woff2(assets / "fonts" / f"{Path(font).stem}.ttf"), site / font)
    shutil.copyfile(assets / "fonts" / Path(RARE_FONT).name, site / RARE_FONT)
    shutil.copyfile(assets / "fonts" / "OFL.txt", site / "assets" / "fonts" / "OFL.txt")


def _patch(path: Path, pattern: str, replacement: str) -> None:
    text, times = re.subn(pattern, replacement, path.read_text("utf-8"), flags=re.DOTALL)
    if times == 0:
        raise _unlike(path)
    path.write_text(text, "utf-8")


def _unlike(path: Path) -> BuildFailed:
    return BuildFailed(
        f"{path.name} 没有找到要改的地方：flet-web 的版本不对。请按 pyproject.toml 的版本重装 flet-web。"
    )


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
