"""`zoufang export`: one CSV per kind of record, with its columns explained."""

from __future__ import annotations

from pathlib import Path

from sync_server.cli.data import open_to_count
from sync_server.db.engine import reading
from sync_server.records import campaigns
from sync_server.summary.csv_files import write_csv_files
from sync_server.summary.places import place


def run_export(*, campaign: str, out: Path, org: str, data: Path | None) -> None:
    """Write the files of `org` and below into folder `out`; raises BadInput or one below it."""
    engine = open_to_count(data, campaign=campaign)
    with reading(engine) as connection:
        found = campaigns.campaign(connection, campaign)
        written = write_csv_files(connection, found, place(connection, org), out)
    engine.dispose()
    for name, lines in written.items():
        print(f"{out / name}：{lines:,} 行")
    print("各列的含义见 columns.csv；文件里没有姓名、证件号、电话和住址。")
