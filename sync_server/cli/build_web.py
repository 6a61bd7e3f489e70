"""`zoufang build-web`: the phone app as a static site."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from sync_server.pwa.build import DEFAULT_OUT, build_web


def run_build(out: Path | None) -> None:
    """Build into `out` (default build/web) and say what was made; raises BuildFailed, Unavailable."""
    console = Console()
    target = out or DEFAULT_OUT
    with console.status("正在组装手机端（第一次约一分钟）……"):
        report = build_web(target)
    verb = "没有变化，沿用" if report.is_reused else f"用 {report.seconds} 秒组装好"
    size_mb = report.size_bytes / 1e6
    console.print(f"手机端{verb}：{report.out}（{report.files} 个文件，{size_mb:.1f} MB）")
