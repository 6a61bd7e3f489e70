"""Rosters as stations keep them: untidy workbooks in, rows understood and problems named out."""

from sync_server.roster.model import Deceased, Phone, Roster, RosterRow, RowRef, SheetLayout
from sync_server.roster.present import to_json
from sync_server.roster.read import read_roster

__all__ = ["Deceased", "Phone", "Roster", "RosterRow", "RowRef", "SheetLayout", "read_roster", "to_json"]
