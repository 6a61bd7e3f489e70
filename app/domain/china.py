"""The time zone of the work: a browser's Python knows none, and China has no summer time."""

from __future__ import annotations

from datetime import timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
