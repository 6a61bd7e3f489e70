"""The phone's tables, as numbered steps that only go forward.

One table holds every record, whatever its entity: a page of the feed is then one bulk write, and an
entity that this version does not know is kept and passed on untouched (P14). What is asked about
persons comes from the index in memory (index.py), not from SQL over their particulars, so separate
columns for each entity would serve no query.

Columns named `head`, `shown`, `change`, `refusal`, `form`, `account` and `body` are sealed (codec.py).
Times are Unix milliseconds of the phone's clock, unless they say the server's.
"""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

MIGRATIONS = Migrations("phone")


@MIGRATIONS()
def m001_records(db: Database) -> None:
    db.execute(
        """
        CREATE TABLE records (
            record TEXT PRIMARY KEY,
            entity TEXT NOT NULL,
            version INTEGER NOT NULL,           -- of `head`; 0 while the server has not sent it
            epoch INTEGER NOT NULL,             -- which life of the server `version` counts in
            person TEXT,                        -- whom a visit or a need is about
            village TEXT,                       -- where a person lives, 12 digits
            head BLOB,                          -- as the server last sent it; null: only known here
            shown BLOB,                         -- with unanswered Changes merged in; null: same as head
            CHECK (head IS NOT NULL OR shown IS NOT NULL)
        ) STRICT
        """
    )
    # For a person's visits and needs, and for filling the index one entity at a time.
    db.execute("CREATE INDEX records_entity_person ON records (entity, person)")
    # The few records whose `shown` has to be worked out anew when rows or receipts arrive.
    db.execute("CREATE INDEX records_shown ON records (record) WHERE shown IS NOT NULL")


@MIGRATIONS()
def m002_outbox(db: Database) -> None:
    db.execute(
        """
        CREATE TABLE outbox (
            device TEXT NOT NULL,
            seq INTEGER NOT NULL,
            record TEXT NOT NULL,
            entity TEXT NOT NULL,
            kind TEXT NOT NULL,
            base INTEGER NOT NULL,
            hlc INTEGER NOT NULL,
            about TEXT NOT NULL,                -- the visit that it was saved with, or the record itself
            change BLOB NOT NULL,
            size_bytes INTEGER NOT NULL,        -- of its line in a request
            state TEXT NOT NULL DEFAULT 'saved' CHECK (state IN ('saved', 'sent', 'received', 'refused')),
            saved_at INTEGER NOT NULL,
            sent_at INTEGER,
            answered_at INTEGER,
            version INTEGER NOT NULL DEFAULT 0, -- that the change made on the server
            ref TEXT NOT NULL DEFAULT '',
            refusal BLOB,                       -- {code, message, field}
            PRIMARY KEY (device, seq)
        ) STRICT
        """
    )
    # What waits, in order: every batch asks; and how much: every strip asks.
    db.execute("CREATE INDEX outbox_waiting ON outbox (device, seq, state) WHERE state IN ('saved', 'sent')")
    # Changes of one record that are to be merged into what is shown.
    db.execute("CREATE INDEX outbox_record ON outbox (record)")
    # State of what was saved with one press of the button.
    db.execute("CREATE INDEX outbox_about ON outbox (about, state, kind)")
    # The list of visits made on this phone, newest first.
    db.execute(
        """
        CREATE INDEX outbox_visits ON outbox (saved_at, seq)
        WHERE entity = 'visit' AND kind = 'create'
        """
    )
    # The next number of each device id that this phone has had; a number is never given out twice.
    db.execute(
        """
        CREATE TABLE numbering (
            device TEXT PRIMARY KEY,
            last_seq INTEGER NOT NULL,
            last_hlc INTEGER NOT NULL
        ) STRICT
        """
    )


@MIGRATIONS()
def m003_what_the_worker_left(db: Database) -> None:
    db.execute(
        """
        CREATE TABLE drafts (
            person TEXT PRIMARY KEY,
            kept_at INTEGER NOT NULL,
            form BLOB NOT NULL
        ) STRICT
        """
    )
    db.execute("CREATE TABLE prefs (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")  # value: JSON


@MIGRATIONS()
def m004_account_and_feed(db: Database) -> None:
    db.execute(
        """
        CREATE TABLE accounts (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            account BLOB NOT NULL,              -- the answer to the sign-in, with the token
            is_expired INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """
    )
    db.execute(
        """
        CREATE TABLE feed (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            cursor TEXT,                        -- null: nothing pulled yet
            server_epoch TEXT,                  -- as the server names its present life
            epoch INTEGER NOT NULL DEFAULT 1,   -- how many of them this phone has seen
            is_complete INTEGER NOT NULL DEFAULT 0, -- the last answer said that no more rows wait
            last_contact_at INTEGER,
            clock_offset_ms INTEGER             -- what to add to the phone's clock to get the server's
        ) STRICT
        """
    )
    db.execute("INSERT INTO feed (id) VALUES (1)")


@MIGRATIONS()
def m005_removal_and_mending(db: Database) -> None:
    # The pull from the feed's start that last brought the record; what a whole pull leaves out is gone.
    db.execute("ALTER TABLE records ADD COLUMN generation INTEGER NOT NULL DEFAULT 0")
    # No longer this device's to read: hidden, and deleted as soon as nothing of it waits to be sent.
    db.execute("ALTER TABLE records ADD COLUMN is_gone INTEGER NOT NULL DEFAULT 0")
    db.execute("CREATE INDEX records_gone ON records (record) WHERE is_gone = 1")
    db.execute("ALTER TABLE feed ADD COLUMN generation INTEGER NOT NULL DEFAULT 0")
    db.execute(
        "ALTER TABLE feed ADD COLUMN is_sweeping INTEGER NOT NULL DEFAULT 0"
    )  # such a pull is under way
    db.execute(
        "ALTER TABLE feed ADD COLUMN is_revoked INTEGER NOT NULL DEFAULT 0"
    )  # this phone is switched off
    # The seq of the refused Change of the same device that this one mends, and that it was mended.
    db.execute("ALTER TABLE outbox ADD COLUMN replaces INTEGER")
    db.execute("ALTER TABLE outbox ADD COLUMN is_replaced INTEGER NOT NULL DEFAULT 0")


@MIGRATIONS()
def m006_shared_phone(db: Database) -> None:
    # Several workers on one phone. `id` is the worker's number on this phone: what he left behind and
    # what he saved is told apart by it, while the account's own id stays sealed.
    db.execute("ALTER TABLE accounts RENAME TO only_account")
    db.execute(
        """
        CREATE TABLE accounts (
            id INTEGER PRIMARY KEY,
            account BLOB NOT NULL,              -- the answer to the sign-in, with the token
            is_expired INTEGER NOT NULL DEFAULT 0, -- the server takes the token no more
            is_current INTEGER NOT NULL DEFAULT 0, -- who holds the phone now; one at the most
            is_out INTEGER NOT NULL DEFAULT 0   -- signed out by hand; his unsent work stays
        ) STRICT
        """
    )
    db.execute(
        "INSERT INTO accounts (id, account, is_expired, is_current) "
        "SELECT id, account, is_expired, 1 FROM only_account"
    )
    db.execute("DROP TABLE only_account")
    db.execute("ALTER TABLE drafts RENAME TO only_drafts")
    db.execute(
        """
        CREATE TABLE drafts (
            account INTEGER NOT NULL,           -- accounts.id; 0 before anybody signed in
            about TEXT NOT NULL,                -- the person of a new visit, or what is put right
            person TEXT NOT NULL,               -- whom it is about, empty for nobody on the roster yet
            kept_at INTEGER NOT NULL,
            form BLOB NOT NULL,
            PRIMARY KEY (account, about)
        ) STRICT
        """
    )
    db.execute(
        "INSERT INTO drafts (account, about, person, kept_at, form) "
        "SELECT (SELECT COUNT(*) FROM accounts), person, person, kept_at, form FROM only_drafts"
    )
    db.execute("DROP TABLE only_drafts")
    db.execute("ALTER TABLE prefs RENAME TO only_prefs")
    db.execute(
        """
        CREATE TABLE prefs (
            account INTEGER NOT NULL,           -- accounts.id; 0 is what holds for whoever chose nothing
            name TEXT NOT NULL,
            value TEXT NOT NULL,                -- JSON
            PRIMARY KEY (account, name)
        ) STRICT
        """
    )
    db.execute(
        "INSERT INTO prefs (account, name, value) "
        "SELECT (SELECT COUNT(*) FROM accounts), name, value FROM only_prefs"
    )
    db.execute("DROP TABLE only_prefs")
    # Whose it is; until now there was one worker.
    db.execute("ALTER TABLE outbox ADD COLUMN account INTEGER NOT NULL DEFAULT 1")


@MIGRATIONS()
def m007_results_and_retention(db: Database) -> None:
    # What the last sync came to, as JSON of counts; null before the first.
    db.execute("ALTER TABLE feed ADD COLUMN last_result TEXT")
    # The server's clock when its receipt was taken in, by which retention is counted; null: not known.
    db.execute("ALTER TABLE outbox ADD COLUMN receipted_at INTEGER")
    # What the Change said is cleared (P10); the receipt stays.
    db.execute("ALTER TABLE outbox ADD COLUMN is_cleared INTEGER NOT NULL DEFAULT 0")


@MIGRATIONS()
def m008_digest(db: Database) -> None:
    # The digest of every sync reads what is held without reading the heads themselves.
    db.execute(
        """
        CREATE INDEX records_held ON records (entity, record, version)
        WHERE head IS NOT NULL AND is_gone = 0
        """
    )


@MIGRATIONS()
def m009_what_the_server_has(db: Database) -> None:
    # The highest number up to which the server held all of this device when it last said so.
    db.execute("ALTER TABLE numbering ADD COLUMN server_have INTEGER NOT NULL DEFAULT 0")


@MIGRATIONS()
def m010_photos(db: Database) -> None:
    # A row is a file that is whole on this phone's disk (file before row), or was until it was cleared.
    db.execute(
        """
        CREATE TABLE photo_files (
            sha256 TEXT PRIMARY KEY,
            size_bytes INTEGER NOT NULL,
            mime TEXT NOT NULL,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            kept_at INTEGER NOT NULL,
            sent_bytes INTEGER NOT NULL DEFAULT 0, -- as the server last said
            upload_path TEXT,                   -- of the upload that was begun there; null: none
            proof TEXT,                         -- the server's signed receipt
            proven_at INTEGER,                  -- the server's clock
            is_doubted INTEGER NOT NULL DEFAULT 0, -- proven by a server that was restored since
            problem TEXT,                       -- why the server does not take it; null: nothing known
            is_cleared INTEGER NOT NULL DEFAULT 0  -- the bytes are no longer on this phone
        ) STRICT
        """
    )
    # What is to be sent, small first: asked before every photo.
    db.execute(
        """
        CREATE INDEX photo_files_waiting ON photo_files (size_bytes, kept_at)
        WHERE proof IS NULL AND is_cleared = 0
        """
    )
    # The photo records made here; two may name the same bytes.
    db.execute(
        """
        CREATE TABLE photo_uses (
            record TEXT PRIMARY KEY,
            sha256 TEXT NOT NULL,
            about TEXT NOT NULL                 -- the visit or the activity
        ) STRICT
        """
    )
    db.execute("CREATE INDEX photo_uses_sha256 ON photo_uses (sha256)")
    db.execute("CREATE INDEX photo_uses_about ON photo_uses (about)")
    # Hashes of the files that a form names which is not saved yet, as JSON: they are not swept.
    db.execute("ALTER TABLE drafts ADD COLUMN photos TEXT NOT NULL DEFAULT '[]'")


@MIGRATIONS()
def m011_relayed(db: Database) -> None:
    # Work of other devices that was handed over here, to be sent under their own numbers (handover.py).
    db.execute(
        """
        CREATE TABLE relayed (
            device TEXT NOT NULL,
            first INTEGER NOT NULL,
            count INTEGER NOT NULL,
            body BLOB NOT NULL,                 -- sealed; the request as that device would send it
            proof TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('waiting', 'taken', 'refused')),
            reason TEXT NOT NULL DEFAULT '',
            received_at INTEGER NOT NULL,
            PRIMARY KEY (device, first, count, proof)
        ) STRICT
        """
    )


@MIGRATIONS()
def m012_author_levels(db: Database) -> None:
    # From which level others write, as each answer told it (levels.py); the later row holds.
    db.execute(
        """
        CREATE TABLE author_levels (
            id INTEGER PRIMARY KEY,
            body BLOB NOT NULL                  -- sealed JSON: account id to OrgKind
        ) STRICT
        """
    )


@MIGRATIONS()
def m013_taken_off(db: Database) -> None:
    # Workers who were taken off this shared phone. The number stays theirs: no one else is given it.
    db.execute(
        """
        CREATE TABLE taken_off (
            id INTEGER PRIMARY KEY,             -- that accounts.id was
            body BLOB NOT NULL,                 -- sealed JSON (taken_off.py)
            is_told INTEGER NOT NULL DEFAULT 0  -- the server's present life knows of it
        ) STRICT
        """
    )
