"""What a phone writes of each fact beside visits and needs; all of it invented."""

from __future__ import annotations

from typing import Any

from tests.server.phones import Phone

AT = "2022-07-28T12:00:00+08:00"


def made_by(phone: Phone) -> dict[str, Any]:
    """Campaign, station and worker, as every fact but an opinion and a need has them."""
    return {
        "campaign": "lishui-2022",
        "organisation": phone.organisation,
        "performer": phone.account,
        "at": AT,
    }


def step_fields(phone: Phone, person: str, need: str, state: str, **more: Any) -> dict[str, Any]:
    """One step of a need."""
    return {**made_by(phone), "person": person, "need": need, "state": state, **more}


def opinion_fields(phone: Phone, target: str = "WORK", **more: Any) -> dict[str, Any]:
    """An opinion without a name under it."""
    return {
        "campaign": "lishui-2022",
        "organisation": phone.organisation,
        "target": target,
        "day": "2022-07-28",
        **more,
    }


def activity_fields(phone: Phone, **more: Any) -> dict[str, Any]:
    """A symposium that twelve veterans came to."""
    return {**made_by(phone), "kind": "SYMPOSIUM", "attendance/VETERAN": 12, **more}


def confirmation_fields(phone: Phone, person: str, **more: Any) -> dict[str, Any]:
    """A confirmation at home that found nothing changed."""
    said = {"person": person, "year": 2022, "method": "HOME", "result": "NORMAL"}
    return {**made_by(phone), **said, **more}


def photo_fields(phone: Phone, **more: Any) -> dict[str, Any]:
    """A photo of no consequence."""
    said = {"kind": "SCENE", "sha256": "ab" * 32, "size_bytes": 1000, "mime": "image/jpeg", "taken_at": AT}
    made = made_by(phone)
    del made["at"]
    return {**made, **said, **more}
