"""What in a form cannot be saved as it stands, to be said beside its field."""

from __future__ import annotations


class FormProblem(Exception):
    """What in the form cannot be saved as it stands: `field` says where, `key` names the words for it."""

    def __init__(self, field: str, key: str, **values: object) -> None:
        super().__init__(f"{field}: {key}")
        self.field = field
        self.key = key
        self.values = values
