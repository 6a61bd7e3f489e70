"""Writes docs/METRICS.md and docs/EXPORT.md from what the code declares: python -m tests.summary.docs"""

from __future__ import annotations

from pathlib import Path

from app.domain.metrics import CATALOGUE
from sync_server.summary.csv_files import FILES
from tests.summary.city import campaign

DOCS = Path(__file__).parents[2] / "docs"
_OVER = {"group": "`:` 后写重点对象代码", "method": "`:` 后写方式代码", "check": "`:` 后写事项代码", None: ""}


def metrics_table() -> str:
    """One line a metric."""
    lines = ["| 指标 | 单位 | 含义 | 参数 |", "| --- | --- | --- | --- |"]
    for metric in CATALOGUE.values():
        units = "、".join(metric.units)
        lines.append(f"| `{metric.name}` | {units} | {metric.meaning} | {_OVER[metric.over]} |")
    return "\n".join(lines)


def columns_table() -> str:
    """The columns of the campaign file that is shipped."""
    lines = ["| 编号 | 栏目 | 单位 | 指标 |", "| --- | --- | --- | --- |"]
    lines += [f"| {c.id} | {c.header} | {c.unit} | `{c.metric}` |" for c in campaign().columns]
    return "\n".join(lines)


def files_text() -> str:
    """One section a CSV file."""
    parts = []
    for file in FILES:
        lines = [f"## {file.name}", "", f"{file.meaning}。", "", "| 列 | 含义 |", "| --- | --- |"]
        lines += [f"| `{column}` | {meaning} |" for column, meaning in file.columns.items()]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def with_generated(text: str, name: str, generated: str) -> str:
    """`text` with what lies between the two marks of `name` replaced."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, _, rest = text.partition(start)
    _, _, after = rest.partition(end)
    assert rest and after, name
    return f"{before}{start}\n{generated}\n{end}{after}"


def generated_docs() -> dict[Path, str]:
    """What each document should hold."""
    metrics, export = DOCS / "METRICS.md", DOCS / "EXPORT.md"
    text = with_generated(metrics.read_text(encoding="utf-8"), "catalogue", metrics_table())
    return {
        metrics: with_generated(text, "columns", columns_table()),
        export: with_generated(export.read_text(encoding="utf-8"), "files", files_text()),
    }


if __name__ == "__main__":
    for path, text in generated_docs().items():
        path.write_text(text, encoding="utf-8")
