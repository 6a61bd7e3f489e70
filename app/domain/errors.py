"""Every error of the project that a worker, a clerk or an operator can meet, in one tree.

    ZoufangError
    ├── BadInput                what was given cannot be used; nothing was changed
    │   ├── FileUnreadable      no such file, not a workbook, damaged, protected
    │   ├── RosterUnclear       a roster whose columns or township could not be placed
    │   ├── TooLarge            beyond a stated limit
    │   ├── UnknownCode         a division, organisation, campaign or label that is not ours
    │   ├── AlreadyDecided      a refused record about which somebody has decided meanwhile
    │   └── BadConfig           a campaign or settings file with something missing or wrong
    ├── NotAllowed
    │   ├── NotSignedIn         no token, a wrong one, or one that was revoked
    │   ├── TooManyAttempts     wrong passwords in a row: wait, for a minute at most
    │   └── OutsideScope        the organisation lies outside the account's part of the tree
    ├── WireError               a request or an answer that does not follow the protocol
    │   ├── UnsupportedProtocol a version that this end does not speak
    │   ├── UnsupportedTus      a version of the upload protocol that is not 1.0.0
    │   ├── UnknownUpload       an upload that was never begun, has expired, or is another device's
    │   ├── UploadBusy          an upload that another request has in hand
    │   ├── WrongOffset         bytes that do not go on where the upload has got to
    │   ├── ChecksumMismatch    bytes that are not those that were announced
    │   └── WrongContentType    a body that does not say it is what this address takes
    ├── BuildFailed             the browser build of the phone app cannot be made here
    ├── StoreFault              the phone's database cannot do it; what was saved before is still there
    │   ├── StorageFull         the phone's disk is full
    │   ├── StoreUnreadable     the database file is damaged or not ours
    │   ├── UnknownRecord       no such record on this phone
    │   └── TooLateToUndo       more than 24 hours since it was saved
    └── Unavailable             the other end cannot be reached or cannot answer now
        └── Unreachable         no connection came about: nothing has left this end

The sentence of an error says what is wrong, with which thing, and what to do next, in the
user's language; it never holds a person's name, number or address. `code` is stable: tests,
logs and other programs go by it. `api/problems.py` is the one place that turns an error into
an HTTP answer.
"""

from __future__ import annotations


class ZoufangError(Exception):
    """Base of all. `sentence` is ready to be shown; `str()` gives the same text."""

    code = "error"
    status = 500
    is_told = False  # the server's own verdict, not this end's or a proxy's

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class BadInput(ZoufangError):
    code = "bad_input"
    status = 422


class FileUnreadable(BadInput):
    code = "file_unreadable"


class RosterUnclear(BadInput):
    code = "roster_unclear"


class TooLarge(BadInput):
    """`limit`: the most that is taken, where a program can do something about it: of Changes where `field`
    is `count`, else of bytes."""

    code = "too_large"
    status = 413

    def __init__(self, sentence: str, *, field: str | None = None, limit: int | None = None) -> None:
        super().__init__(sentence, field=field)
        self.limit = limit


class UnknownCode(BadInput):
    code = "unknown_code"
    status = 404


class AlreadyDecided(BadInput):
    code = "already_decided"
    status = 409


class BadConfig(BadInput):
    code = "bad_config"


class NotAllowed(ZoufangError):
    code = "not_allowed"
    status = 403


class NotSignedIn(NotAllowed):
    code = "not_signed_in"
    status = 401


class TooManyAttempts(NotAllowed):
    code = "too_many_attempts"
    status = 429


class OutsideScope(NotAllowed):
    code = "outside_scope"


class WireError(ZoufangError):
    code = "wire_error"
    status = 400


class UnsupportedProtocol(WireError):
    """`supported`: the versions that the other side named instead, if it did."""

    code = "unsupported_protocol"
    status = 426
    supported: frozenset[int] = frozenset()


class UnsupportedTus(WireError):
    code = "unsupported_tus"
    status = 412


class UnknownUpload(WireError):
    code = "unknown_upload"
    status = 404


class UploadBusy(WireError):
    code = "upload_busy"
    status = 423


class WrongOffset(WireError):
    code = "wrong_offset"
    status = 409


class ChecksumMismatch(WireError):
    """460 is the upload protocol's own."""

    code = "checksum_mismatch"
    status = 460


class WrongContentType(WireError):
    code = "wrong_content_type"
    status = 415


class BuildFailed(ZoufangError):
    code = "build_failed"


class Unavailable(ZoufangError):
    code = "unavailable"
    status = 503


class Unreachable(Unavailable):
    code = "unreachable"


class StoreFault(ZoufangError):
    code = "store_fault"


class StorageFull(StoreFault):
    code = "storage_full"
    status = 507


class StoreUnreadable(StoreFault):
    code = "store_unreadable"


class UnknownRecord(StoreFault):
    code = "unknown_record"
    status = 404


class TooLateToUndo(StoreFault):
    code = "too_late_to_undo"
    status = 409
