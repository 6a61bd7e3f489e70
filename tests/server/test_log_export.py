"""The exported log says of a refused Change what became of it, so that anybody can recount (P8)."""

from __future__ import annotations

import csv
from pathlib import Path

from fastapi import FastAPI

from sync_server.db.engine import reading
from sync_server.records.campaigns import campaign
from sync_server.summary.csv_files import ENCODING, write_csv_files
from sync_server.summary.places import place
from tests.server.phones import Phone


def test_a_change_that_was_refused_says_what_became_of_it(tmp_path: Path, app: FastAPI, phone: Phone) -> None:
    mended = phone.add_person("p1", born="?")
    phone.sync(mended, phone.add_visit("v1", "p1"), phone.add_person("p2", born="?"))
    phone.sync(phone.add_person("p1").model_copy(update={"replaces": mended.seq}))
    with reading(app.state.server.engine) as connection:
        config = campaign(connection, "lishui-2022")
        write_csv_files(connection, config, place(connection, "3311"), tmp_path / "out")
    with (tmp_path / "out" / "changes.csv").open(encoding=ENCODING) as stream:
        lines = [(row["seq"], row["outcome"], row["outcome_feed_no"]) for row in csv.DictReader(stream)]
    assert lines == [("1", "replaced", "5"), ("2", "released", "7"), ("3", "", ""), ("4", "", "")]
