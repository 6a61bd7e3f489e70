"""The form for somebody who is on no roster: what is typed so far, and whom it describes."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from app.domain.names import strip_blanks
from app.store.account import SignedIn

_A_NAME = re.compile(r"[㐀-鿿·]{2,8}")


@dataclass(frozen=True, slots=True)
class NewcomerForm:
    """Texts as typed; `village` is a code of the account's, `categories` are codes. Replaced whole."""

    name: str = ""
    village: str = ""
    hamlet: str = ""
    house: str = ""
    id_number: str = ""
    phone: str = ""
    categories: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True if nothing but the village is in it: no draft is worth keeping."""
        return replace(self, village="") == NewcomerForm()

    def with_text(self, name: str, value: str) -> NewcomerForm:
        """The form with `value` in the field `name`."""
        typed: dict[str, Any] = {name: value}
        return replace(self, **typed)

    def toggled(self, category: str) -> NewcomerForm:
        """The form with the category ticked, or no longer ticked."""
        if category in self.categories:
            return replace(self, categories=tuple(c for c in self.categories if c != category))
        return replace(self, categories=(*self.categories, category))

    def to_draft(self) -> dict[str, Any]:
        """The form as plain JSON values."""
        return asdict(self)

    def known(self) -> dict[str, Any]:
        """What the form says beside name and village, as `add_person` takes it."""
        phone = re.sub(r"[^\d+]", "", self.phone)
        return {
            "hamlet": self.hamlet,
            "house": self.house,
            "id_number": self.id_number,
            "categories": self.categories,
            "phones": {phone: "本人"} if phone else {},
        }


def blank_newcomer(account: SignedIn, searched: str) -> NewcomerForm:
    """A new form; of several villages none is chosen beforehand. A name searched for is taken over."""
    name = strip_blanks(searched)
    return NewcomerForm(
        name=name if _A_NAME.fullmatch(name) else "",
        village=account.villages[0] if len(account.villages) == 1 else "",
    )


def newcomer_from_draft(draft: dict[str, Any]) -> NewcomerForm:
    """The form that `draft` kept; what another version wrote and this one does not know is left out."""
    known = {f.name: draft[f.name] for f in fields(NewcomerForm) if f.name in draft}
    if "categories" in known:
        known["categories"] = tuple(known["categories"])
    return NewcomerForm(**known)
