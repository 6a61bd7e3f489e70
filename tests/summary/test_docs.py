"""The documents say what the code declares; `python -m tests.summary.docs` writes them anew."""

from __future__ import annotations

from tests.summary.docs import generated_docs


def test_metrics_and_export_documents_match_what_the_code_declares() -> None:
    for path, text in generated_docs().items():
        assert path.read_text(encoding="utf-8") == text, f"python -m tests.summary.docs ({path.name})"
