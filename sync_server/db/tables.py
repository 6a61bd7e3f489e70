"""The server's tables. Growing ones carry `county` in their keys, so a distributed PostgreSQL can
spread them by county; nothing here is peculiar to one database.

`county` is the six-digit code of the county that owns the row, or the city's four digits for what
belongs to the city itself (its units, its own staff). Times are Unix milliseconds, UTC; days are
local (Asia/Shanghai) `YYYY-MM-DD`; money is 分.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

PATH = String(160)  # a subtree is a range of paths; see the end of this module

metadata = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_name)s"}
)

settings_kept = Table(  # epoch, ends of earlier ones, schema version, the key of identity hashes
    "settings_kept",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

counters = Table(  # `feed`: the last feed number given out; its row lock orders commits (P7)
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("config", Text, nullable=False),  # Campaign as JSON
)

organisations = Table(  # stations, bureaus and units; an organisation is not its division
    "organisations",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),  # OrgKind
    Column("name", String(128), nullable=False),
    Column("parent", String(32)),  # null for the city
    Column("division", String(12), nullable=False),  # where it sits; a unit has its county's or the city's
    Column("county", String(6), nullable=False),
    # codes from the root down, joined by "/": a subtree is a range of paths, in either database
    Column("path", PATH, nullable=False, unique=True),
    Column("ordinal", Integer, nullable=False),  # administrative order among siblings
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("organisation", String(32), nullable=False),
    Column("role", String(16), nullable=False),  # Role
    Column("password_hash", Text, nullable=False),  # argon2id, with its parameters
    Column("created_at", BigInteger, nullable=False),
)

devices = Table(
    "devices",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("account", String(36), nullable=False),  # the first that signed in; "" for an importer
    Column("county", String(6), nullable=False),
    Column("label", String(64), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),  # SHA-256 of a random token
    Column("created_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("offset_ms", BigInteger, nullable=False, default=0),  # add to the device's clock to get ours
    Column("last_effective", BigInteger, nullable=False, default=0),
    Column("have", BigInteger, nullable=False, default=0),  # highest gap-free seq held
)

device_accounts = Table(  # who has signed in on a device: whose Changes it may carry, and what it may hold
    "device_accounts",
    metadata,
    Column("device", String(64), primary_key=True),
    Column("account", String(36), primary_key=True),
    Column("enrolled_at", BigInteger, nullable=False),
)

former_stations = Table(  # where accounts were before they moved; work done there is still right (P11)
    "former_stations",
    metadata,
    Column("account", String(36), primary_key=True),
    Column("left_no", BigInteger, primary_key=True),  # feed number at which it left
    Column("organisation", String(32), nullable=False),
)

sign_in_attempts = Table(  # wrong passwords in a row, so that guessing must wait; gone after a day
    "sign_in_attempts",
    metadata,
    Column("login", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failed_at", BigInteger, nullable=False),
    Index("ix_sign_in_attempts_failed_at", "failed_at"),  # forgetting the old ones
)

changes = Table(  # the log: every Change ever received, with its receipt; nothing is deleted here
    "changes",
    metadata,
    Column("county", String(6), primary_key=True),  # the device's
    Column("device", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("received_at", BigInteger, nullable=False),
    Column("hlc", BigInteger, nullable=False),
    Column("effective", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("entity", String(32), nullable=False),
    Column("record", String(64), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("base", BigInteger, nullable=False),
    Column("replaces", BigInteger),  # the seq of the refused Change that this one mends
    Column("fields", Text, nullable=False),  # JSON; the bytes as received when unreadable
    Column("content_hash", String(64), nullable=False),
    Column("status", String(24), nullable=False),
    Column("code", String(32)),
    Column("message", Text),
    Column("field", String(64)),
    Column("version", BigInteger, nullable=False),
    Column("ref", String(8), nullable=False),
    Column("feed_no", BigInteger, nullable=False),  # commit order; also for quarantined ones
    Index("ix_changes_record", "record", "feed_no"),  # a record's history
    Index("ix_changes_feed_no", "feed_no"),  # recount up to a feed number (P8)
    Index("ix_changes_status", "status", "county"),  # how many were refused
)

quarantine = Table(  # the refused Changes and what became of each (P6); bytes and receipt are in the log
    "quarantine",
    metadata,
    Column("county", String(6), primary_key=True),  # the device's
    Column("device", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("path", PATH, nullable=False),  # the organisation of the device: its reviewers see it
    Column("arrived_no", BigInteger, nullable=False),  # the log's feed_no
    Column("code", String(32), nullable=False),  # why, as last judged; the receipt keeps the first reason
    Column("message", Text, nullable=False),
    Column("field", String(64)),
    Column("awaits", String(64)),  # the record without which it cannot be; it is judged again when that comes
    Column("offset_ms", BigInteger, nullable=False),  # of the device's clock, as it was when it was sent
    Column("cursor", BigInteger, nullable=False),  # the feed number that the device had seen then
    Column("status", String(16), nullable=False),  # waiting | released | replaced | set_aside
    Column("version", BigInteger, nullable=False),  # of its record, made by the release; 0 before
    Column("reason", Text, nullable=False),  # in the reviewer's words
    Column("settled_by", String(36), nullable=False),  # account; "" for the server itself
    Column("settled_at", BigInteger),  # null while it waits
    Column("settled_no", BigInteger),  # feed number at which a release took effect
    Index("ix_quarantine_awaits", "awaits"),  # who waits for this record?
    Index("ix_quarantine_status", "status", "arrived_no", "path"),  # the reviewer's list
)

heads = Table(  # the present state of every record, and so the feed: a changed head moves to its end
    "heads",
    metadata,
    Column("county", String(6), primary_key=True),  # where the record was born; it never changes
    Column("record", String(64), primary_key=True),
    Column("entity", String(32), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("feed_no", BigInteger, nullable=False),
    Column("person", String(64), nullable=False),  # whom it is about; itself for a person; "" for none
    Column("path", PATH, nullable=False),  # organisation path whose scope holds it
    Column("unit_path", PATH),  # a second scope: the employer that reports by itself
    Column("row", Text, nullable=False),  # wire.row_text
    Index("ix_heads_record", "record"),  # finding a record whose county is not known
    Index("ix_heads_feed_no", "feed_no", "path", "unit_path"),  # page_after, without reading the rows
    Index("ix_heads_path", "path", "feed_no"),  # page_after for a small scope far behind
    Index("ix_heads_unit_path", "unit_path", "feed_no"),
    Index("ix_heads_person", "person"),  # a person moves: the facts about him follow
)

digests = Table(  # of the heads at one place: how many, and the sum of their marks (app.domain.digest)
    "digests",  # one row a place and entity, however many records: kept with the heads, never read from them
    metadata,
    Column("path", PATH, primary_key=True),
    Column("unit_path", PATH, primary_key=True),  # "" for none
    Column("entity", String(32), primary_key=True),
    Column("records", BigInteger, nullable=False),
    Column("marks", BigInteger, nullable=False),
)

departures = Table(  # what has left a place, so that devices let go of it (P11); nothing is deleted here
    "departures",
    metadata,
    Column("county", String(6), primary_key=True),  # the record's
    Column("record", String(64), primary_key=True),
    Column("feed_no", BigInteger, primary_key=True),  # its head's at the new place
    Column("path", PATH, primary_key=True),  # where it was
    Column("unit_path", PATH, primary_key=True),  # "" for none
    Column("entity", String(32), nullable=False),
    Index("ix_departures_feed_no", "feed_no", "path", "unit_path"),  # gone_after
)

conflicts = Table(  # open conflicts, for listing; candidates are in the head
    "conflicts",
    metadata,
    Column("county", String(6), primary_key=True),
    Column("record", String(64), primary_key=True),
    Column("field", String(96), primary_key=True),
    Column("path", PATH, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
)

person_facts = Table(  # what counting needs of a person, from his own record alone
    "person_facts",
    metadata,
    Column("county", String(6), primary_key=True),
    Column("record", String(64), primary_key=True),
    Column("identity", String(64), nullable=False),  # keyed hash of the ID number, else the record
    Column("path", PATH, nullable=False),  # village's organisation path
    Column("unit_path", PATH),
    Column("household", String(64), nullable=False),  # household id, else the record
    Column("primary_class", String(16), nullable=False),  # VETERAN | SURVIVOR | ACTIVE_FAMILY | OTHER
    Column("born", String(10)),
    Column("is_away", Boolean, nullable=False),
    Column("is_deceased", Boolean, nullable=False),
    Column("is_counted", Boolean, nullable=False),  # neither voided nor a second listing
    Column("name_key", String(32), nullable=False),  # keyed hash of the name, to find likely duplicates
    Column("tags", Text, nullable=False),  # " category:VETERAN living:DIBAO merit:SECOND "
    Column("feed_no", BigInteger, nullable=False),
    Index("ix_person_facts_path", "path"),  # a unit's table
    Index("ix_person_facts_unit_path", "unit_path"),
    Index("ix_person_facts_record", "record"),  # joining facts whose county differs
)

visit_facts = Table(
    "visit_facts",
    metadata,
    Column("county", String(6), primary_key=True),
    Column("record", String(64), primary_key=True),
    Column("campaign", String(64), nullable=False),
    Column("person", String(64), nullable=False),
    Column("organisation", String(32), nullable=False),
    Column("performer", String(64), nullable=False),
    Column("method", String(16), nullable=False),
    Column("result", String(16), nullable=False),
    Column("day", String(10), nullable=False),
    Column("checklist", Text, nullable=False),  # " POLICY_BRIEFING LAW_DELIVERY "
    Column("cash_fen", BigInteger, nullable=False),
    Column("goods_fen", BigInteger, nullable=False),
    Column("goods_pieces", BigInteger, nullable=False),
    Column("letters", BigInteger, nullable=False),
    Column("booklets", BigInteger, nullable=False),
    Column("is_voided", Boolean, nullable=False),
    Column("feed_no", BigInteger, nullable=False),
    CheckConstraint("cash_fen >= 0 AND goods_fen >= 0", name="ck_visit_facts_money"),
    Index("ix_visit_facts_campaign", "campaign"),  # the city table in one pass, in the order of the disk
    Index("ix_visit_facts_person", "person"),
)

need_facts = Table(
    "need_facts",
    metadata,
    Column("county", String(6), primary_key=True),
    Column("record", String(64), primary_key=True),
    Column("campaign", String(64), nullable=False),
    Column("person", String(64), nullable=False),
    Column("organisation", String(32), nullable=False),
    Column("type", String(24), nullable=False),
    Column("severity", String(2), nullable=False),
    Column("state", String(16), nullable=False),
    Column("is_voided", Boolean, nullable=False),
    Column("feed_no", BigInteger, nullable=False),
    Index("ix_need_facts_campaign", "campaign", "person"),
)

photo_facts = Table(  # which bytes a photo's record names; where it belongs is told by its head
    "photo_facts",
    metadata,
    Column("county", String(6), primary_key=True),
    Column("record", String(64), primary_key=True),
    Column("campaign", String(64), nullable=False),
    Column("organisation", String(32), nullable=False),
    Column("performer", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("day", String(10), nullable=False),
    Column("is_voided", Boolean, nullable=False),
    Column("feed_no", BigInteger, nullable=False),
    Index("ix_photo_facts_sha256", "sha256"),  # which records name these bytes?
    Index("ix_photo_facts_campaign", "campaign", "record"),  # totals, and the list page by page
)

photo_blobs = Table(  # the bytes in the store, one row however many records and organisations name them
    "photo_blobs",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("mime", String(32), nullable=False),  # by the first bytes
    Column("stored_at", BigInteger, nullable=False),
    Column("thumbnail", String(8), nullable=False),  # waiting | made | none
    Column("checked_at", BigInteger, nullable=False),  # when the bytes were last hashed
    Column("fault", String(8), nullable=False),  # "" | missing | damaged, as found then
    Index("ix_photo_blobs_thumbnail", "thumbnail"),  # the next to make
)

photo_covers = Table(  # what of a photo is hidden from the public, and who has looked at it so
    "photo_covers",
    metadata,
    Column("county", String(6), primary_key=True),
    Column("record", String(64), primary_key=True),
    Column("sha256", String(64), nullable=False),  # of other bytes nothing is known
    Column("covers", Text, nullable=False),  # JSON of publicity.Cover
    Column("looked_by", String(36), nullable=False),  # account; "" before
    Column("looked_at", BigInteger, nullable=False),  # 0 before
)

photo_proofs = Table(  # who has sent which bytes: a record opens those alone that who made it has sent
    "photo_proofs",
    metadata,
    Column("county", String(6), primary_key=True),
    Column("organisation", String(32), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("device", String(64), primary_key=True),
    Column("proven_at", BigInteger, nullable=False),
    Index("ix_photo_proofs_sha256", "sha256"),  # is this photo proven?
)

need_step_facts = Table(  # steps of needs; the latest that is not voided tells the need's state
    "need_step_facts",
    metadata,
    Column("county", String(6), primary_key=True),
    Column("record", String(64), primary_key=True),
    Column("campaign", String(64), nullable=False),
    Column("need", String(64), nullable=False),
    Column("person", String(64), nullable=False),
    Column("organisation", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),  # "" unless it closed the need
    Column("assistance", Text, nullable=False),  # " TEMPORARY_AID LEGAL_AID "
    Column("money_fen", BigInteger, nullable=False),
    Column("day", String(10), nullable=False),
    Column("effective", BigInteger, nullable=False),  # with device and seq: the order in which steps count
    Column("device", String(64), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("is_voided", Boolean, nullable=False),
    Column("feed_no", BigInteger, nullable=False),
    CheckConstraint("money_fen >= 0", name="ck_need_step_facts_money"),
    Index("ix_need_step_facts_person", "person"),
)

finding_facts = Table(  # opinions, meetings, confirmations, card and file steps, exemplary people, photos
    "finding_facts",
    metadata,
    Column("county", String(6), primary_key=True),
    Column("record", String(64), primary_key=True),
    Column("entity", String(32), nullable=False),
    Column("campaign", String(64), nullable=False),
    Column("person", String(64), nullable=False),  # with whom it counts; "" where it counts at its station
    Column("organisation", String(32), nullable=False),
    Column("says", String(16), nullable=False),  # its target, kind, result or state
    Column("number", BigInteger, nullable=False),  # who came to a meeting; 1 for everything else
    Column("day", String(10), nullable=False),
    Column("is_voided", Boolean, nullable=False),
    Column("feed_no", BigInteger, nullable=False),
    Index("ix_finding_facts_campaign", "campaign", "person"),
)

roster_entries = Table(  # what a roster last said of a person: a second roster updates by difference
    "roster_entries",
    metadata,
    Column("county", String(6), primary_key=True),
    Column("record", String(64), primary_key=True),
    Column("township", String(9), nullable=False),
    Column("fields", Text, nullable=False),  # JSON of the fields as rosters have said them so far
    Index("ix_roster_entries_township", "township"),
)

# Every text sorts and compares by byte in either database, by whatever rules PostgreSQL's was made.
for _table in metadata.tables.values():
    for _column in _table.c:
        if isinstance(_column.type, String) and not _column.type.collation:
            _by_byte = _column.type.copy()
            _by_byte.collation = "C"
            _column.type = _column.type.with_variant(_by_byte, "postgresql")
