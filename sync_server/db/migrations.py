"""Bringing a database that an older program made up to the tables of this one.

The version of a database is kept in `settings_kept`. A step goes from one version to the next, in SQL
that names every table and column as it is at that version, since `tables.py` goes on changing. All steps
run in the transaction of the caller: either the database is at the present version, or it is as it was.
Steps are never edited once released, and there is none backwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, insert, inspect, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.domain.errors import BadConfig
from sync_server.db.tables import metadata, settings_kept

Step = Callable[[Connection], None]

_VERSION = settings_kept.c.name == "schema_version"


def bring_up(connection: Connection) -> None:
    """Make the tables of an empty database, or bring those of an older one up, inside the transaction.

    Nothing happens at the present version. Raises BadConfig for a database of a newer program and for
    one that cannot be brought up; the caller rolls back.
    """
    present = 1 + len(STEPS)
    if not inspect(connection).has_table(settings_kept.name):
        metadata.create_all(connection)
        connection.execute(insert(settings_kept).values(name="schema_version", value=str(present)))
        return
    found = connection.execute(select(settings_kept.c.value).where(_VERSION)).scalar()
    if found is None or not found.isdigit() or int(found) > present:
        raise BadConfig(
            f"数据库是第 {found or '?'} 版，这个程序只认到第 {present} 版，没有改动它。请换用较新的程序。"
        )
    try:
        _take(connection, STEPS[int(found) - 1 :])
    except SQLAlchemyError as fault:
        raise BadConfig(
            f"数据库从第 {found} 版升到第 {present} 版没有成功，已退回原样（{type(fault).__name__}）。"
            "请确认磁盘没有满，再试一次；还不行请把数据库的备份交给开发者。"
        ) from fault
    connection.execute(update(settings_kept).where(_VERSION).values(value=str(present)))


def _take(connection: Connection, steps: Sequence[Step]) -> None:
    for step in steps:
        step(connection)


def _to_2(connection: Connection) -> None:
    """Departures, accounts that share a device, and stations that accounts have left."""
    by_byte = _by_byte(connection)
    for statement in (
        f"""
        CREATE TABLE departures (
          county VARCHAR(6){by_byte} NOT NULL,
          record VARCHAR(64){by_byte} NOT NULL,
          feed_no BIGINT NOT NULL,
          path VARCHAR(160){by_byte} NOT NULL,
          unit_path VARCHAR(160){by_byte} NOT NULL,
          entity VARCHAR(32){by_byte} NOT NULL,
          CONSTRAINT pk_departures PRIMARY KEY (county, record, feed_no, path, unit_path)
        )
        """,
        "CREATE INDEX ix_departures_feed_no ON departures (feed_no, path, unit_path)",
        f"""
        CREATE TABLE device_accounts (
          device VARCHAR(64){by_byte} NOT NULL,
          account VARCHAR(36){by_byte} NOT NULL,
          enrolled_at BIGINT NOT NULL,
          CONSTRAINT pk_device_accounts PRIMARY KEY (device, account)
        )
        """,
        """
        INSERT INTO device_accounts (device, account, enrolled_at)
        SELECT id, account, created_at
        FROM devices
        WHERE account <> ''
        """,
        f"""
        CREATE TABLE former_stations (
          account VARCHAR(36){by_byte} NOT NULL,
          left_no BIGINT NOT NULL,
          organisation VARCHAR(32){by_byte} NOT NULL,
          CONSTRAINT pk_former_stations PRIMARY KEY (account, left_no)
        )
        """,
    ):
        connection.exec_driver_sql(statement)


def _to_3(connection: Connection) -> None:
    """Digests by place, what becomes of refused Changes, and keyed names of people.

    What stands in them is worked out from heads and log when the city is opened (records/backfill.py).
    """
    text = _by_byte(connection)
    for statement in (
        f"""
        CREATE TABLE digests (
          path VARCHAR(160){text} NOT NULL,
          unit_path VARCHAR(160){text} NOT NULL,
          entity VARCHAR(32){text} NOT NULL,
          records BIGINT NOT NULL,
          marks BIGINT NOT NULL,
          CONSTRAINT pk_digests PRIMARY KEY (path, unit_path, entity)
        )
        """,
        "ALTER TABLE changes ADD COLUMN replaces BIGINT",
        f"""
        CREATE TABLE quarantine (
          county VARCHAR(6){text} NOT NULL,
          device VARCHAR(64){text} NOT NULL,
          seq BIGINT NOT NULL,
          path VARCHAR(160){text} NOT NULL,
          arrived_no BIGINT NOT NULL,
          code VARCHAR(32){text} NOT NULL,
          message TEXT{text} NOT NULL,
          field VARCHAR(64){text},
          awaits VARCHAR(64){text},
          offset_ms BIGINT NOT NULL,
          cursor BIGINT NOT NULL,
          status VARCHAR(16){text} NOT NULL,
          version BIGINT NOT NULL,
          reason TEXT{text} NOT NULL,
          settled_by VARCHAR(36){text} NOT NULL,
          settled_at BIGINT,
          settled_no BIGINT,
          CONSTRAINT pk_quarantine PRIMARY KEY (county, device, seq)
        )
        """,
        "CREATE INDEX ix_quarantine_awaits ON quarantine (awaits)",
        "CREATE INDEX ix_quarantine_status ON quarantine (status, arrived_no, path)",
        f"ALTER TABLE person_facts ADD COLUMN name_key VARCHAR(32){text} NOT NULL DEFAULT ''",
    ):
        connection.exec_driver_sql(statement)


def _to_photos(connection: Connection) -> None:
    """Photos: which bytes their records name, what lies in the store, and who has sent it."""
    text = _by_byte(connection)
    for statement in (
        f"""
        CREATE TABLE photo_facts (
          county VARCHAR(6){text} NOT NULL,
          record VARCHAR(64){text} NOT NULL,
          campaign VARCHAR(64){text} NOT NULL,
          organisation VARCHAR(32){text} NOT NULL,
          performer VARCHAR(64){text} NOT NULL,
          kind VARCHAR(16){text} NOT NULL,
          sha256 VARCHAR(64){text} NOT NULL,
          size_bytes BIGINT NOT NULL,
          day VARCHAR(10){text} NOT NULL,
          is_voided BOOLEAN NOT NULL,
          feed_no BIGINT NOT NULL,
          CONSTRAINT pk_photo_facts PRIMARY KEY (county, record)
        )
        """,
        "CREATE INDEX ix_photo_facts_sha256 ON photo_facts (sha256)",
        "CREATE INDEX ix_photo_facts_campaign ON photo_facts (campaign, record)",
        f"""
        CREATE TABLE photo_blobs (
          sha256 VARCHAR(64){text} NOT NULL,
          size_bytes BIGINT NOT NULL,
          mime VARCHAR(32){text} NOT NULL,
          stored_at BIGINT NOT NULL,
          thumbnail VARCHAR(8){text} NOT NULL,
          checked_at BIGINT NOT NULL,
          fault VARCHAR(8){text} NOT NULL,
          CONSTRAINT pk_photo_blobs PRIMARY KEY (sha256)
        )
        """,
        "CREATE INDEX ix_photo_blobs_thumbnail ON photo_blobs (thumbnail)",
        f"""
        CREATE TABLE photo_covers (
          county VARCHAR(6){text} NOT NULL,
          record VARCHAR(64){text} NOT NULL,
          sha256 VARCHAR(64){text} NOT NULL,
          covers TEXT{text} NOT NULL,
          looked_by VARCHAR(36){text} NOT NULL,
          looked_at BIGINT NOT NULL,
          CONSTRAINT pk_photo_covers PRIMARY KEY (county, record)
        )
        """,
        f"""
        CREATE TABLE photo_proofs (
          county VARCHAR(6){text} NOT NULL,
          organisation VARCHAR(32){text} NOT NULL,
          sha256 VARCHAR(64){text} NOT NULL,
          device VARCHAR(64){text} NOT NULL,
          proven_at BIGINT NOT NULL,
          CONSTRAINT pk_photo_proofs PRIMARY KEY (county, organisation, sha256)
        )
        """,
        "CREATE INDEX ix_photo_proofs_sha256 ON photo_proofs (sha256)",
    ):
        connection.exec_driver_sql(statement)


def _to_findings(connection: Connection) -> None:
    """What is found out beside visits; an older program kept nothing of it, so the tables begin empty."""
    text = _by_byte(connection)
    for statement in (
        f"""
        CREATE TABLE need_step_facts (
          county VARCHAR(6){text} NOT NULL,
          record VARCHAR(64){text} NOT NULL,
          campaign VARCHAR(64){text} NOT NULL,
          need VARCHAR(64){text} NOT NULL,
          person VARCHAR(64){text} NOT NULL,
          organisation VARCHAR(32){text} NOT NULL,
          state VARCHAR(16){text} NOT NULL,
          outcome VARCHAR(16){text} NOT NULL,
          assistance TEXT{text} NOT NULL,
          money_fen BIGINT NOT NULL,
          day VARCHAR(10){text} NOT NULL,
          effective BIGINT NOT NULL,
          device VARCHAR(64){text} NOT NULL,
          seq BIGINT NOT NULL,
          is_voided BOOLEAN NOT NULL,
          feed_no BIGINT NOT NULL,
          CONSTRAINT pk_need_step_facts PRIMARY KEY (county, record),
          CONSTRAINT ck_need_step_facts_money CHECK (money_fen >= 0)
        )
        """,
        "CREATE INDEX ix_need_step_facts_person ON need_step_facts (person)",
        f"""
        CREATE TABLE finding_facts (
          county VARCHAR(6){text} NOT NULL,
          record VARCHAR(64){text} NOT NULL,
          entity VARCHAR(32){text} NOT NULL,
          campaign VARCHAR(64){text} NOT NULL,
          person VARCHAR(64){text} NOT NULL,
          organisation VARCHAR(32){text} NOT NULL,
          says VARCHAR(16){text} NOT NULL,
          number BIGINT NOT NULL,
          day VARCHAR(10){text} NOT NULL,
          is_voided BOOLEAN NOT NULL,
          feed_no BIGINT NOT NULL,
          CONSTRAINT pk_finding_facts PRIMARY KEY (county, record)
        )
        """,
        "CREATE INDEX ix_finding_facts_campaign ON finding_facts (campaign, person)",
    ):
        connection.exec_driver_sql(statement)


def _to_senders(connection: Connection) -> None:
    """A proof is of the device that sent the bytes; before, one device stood for its organisation."""
    text = _by_byte(connection)
    for statement in (
        "CREATE TABLE proofs_before AS SELECT * FROM photo_proofs",
        "DROP TABLE photo_proofs",
        f"""
        CREATE TABLE photo_proofs (
          county VARCHAR(6){text} NOT NULL,
          organisation VARCHAR(32){text} NOT NULL,
          sha256 VARCHAR(64){text} NOT NULL,
          device VARCHAR(64){text} NOT NULL,
          proven_at BIGINT NOT NULL,
          CONSTRAINT pk_photo_proofs PRIMARY KEY (county, organisation, sha256, device)
        )
        """,
        "CREATE INDEX ix_photo_proofs_sha256 ON photo_proofs (sha256)",
        """
        INSERT INTO photo_proofs (county, organisation, sha256, device, proven_at)
        SELECT county, organisation, sha256, device, proven_at FROM proofs_before
        """,
        "DROP TABLE proofs_before",
    ):
        connection.exec_driver_sql(statement)


def _by_byte(connection: Connection) -> str:
    """What follows a text column's type, so that it sorts and compares by byte (tables.py)."""
    return ' COLLATE "C"' if connection.dialect.name == "postgresql" else ""


# The first leads from version 1 to 2.
STEPS: tuple[Step, ...] = (_to_2, _to_3, _to_photos, _to_findings, _to_senders)
