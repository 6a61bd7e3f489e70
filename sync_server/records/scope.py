"""Which part of the organisation tree an account may see and write: the one place that decides.

An account sees the subtree of its own organisation: a recorder his village, a reviewer the
township, a clerk the county, an analyst the city, a liaison the people of the unit (wherever they
live). Every query and every Change is limited by a `Scope`; every endpoint says by `scoped` which
rule protects it, and a test visits each of them as a stranger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, bindparam, or_

from app.domain.codes import OrgKind, Role
from app.domain.errors import NotAllowed, OutsideScope
from sync_server.records.organisations import UNIT_KINDS, Organisation

# A role belongs to organisations of its level; a township's own recorder serves all its villages.
KINDS_OF_ROLE: dict[Role, frozenset[OrgKind]] = {
    Role.RECORDER: frozenset({OrgKind.VILLAGE, OrgKind.TOWNSHIP}),
    Role.REVIEWER: frozenset({OrgKind.TOWNSHIP}),
    Role.COUNTY_CLERK: frozenset({OrgKind.COUNTY}),
    Role.CITY_ANALYST: frozenset({OrgKind.CITY}),
    Role.UNIT_LIAISON: UNIT_KINDS,
}
Shape = tuple[int, bool]  # how many subtrees, and whether by the unit as well
# Who may see what was refused below him, and decide it.
REVIEWERS = frozenset({Role.REVIEWER, Role.COUNTY_CLERK, Role.CITY_ANALYST})
# First character after "/" in byte order: paths from "p/" up to "p0" are those below p.
_BEHIND_SLASH = "0"


class ScopeRule(StrEnum):
    """How an endpoint keeps to the account's part of the tree."""

    PUBLIC = "public"  # gives nothing of any person or organisation
    OWN = "own"  # names no organisation; gives what lies in the account's scope
    REVIEW = "review"  # as OWN, and for reviewers alone (`demand_reviewer`)
    ORGANISATION = "organisation"  # its parameter `org` must lie in the account's scope


Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def scoped(rule: ScopeRule) -> Callable[[Endpoint], Endpoint]:
    """Declare an endpoint's rule; one without it fails the tests."""

    def declare(endpoint: Endpoint) -> Endpoint:
        endpoint.__dict__["scope_rule"] = rule
        return endpoint

    return declare


def demand_reviewer(role: Role) -> None:
    """Raises NotAllowed for whoever may not decide about refused work."""
    if role not in REVIEWERS:
        raise NotAllowed(f"“待看”由乡镇审核员、县级经办和市级汇总处理，{role.label}不能看。有疑问请问乡镇。")


@dataclass(frozen=True, slots=True)
class Scope:
    """Subtrees of the organisation tree, by path; `is_unit` adds people whom the unit employs."""

    paths: tuple[str, ...]
    is_unit: bool = False

    def holds(self, path: str | None, unit_path: str | None = None) -> bool:
        """True if a record with these paths lies inside."""
        return any(_inside(path, p) or (self.is_unit and _inside(unit_path, p)) for p in self.paths)

    def demand(self, found: Organisation) -> Organisation:
        """`found`, if it lies inside; raises OutsideScope otherwise."""
        if not self.holds(found.path):
            raise OutsideScope(f"单位 {found.code} 不在您的管理范围内。请选本单位或下级单位。", field="org")
        return found

    def condition(self, path: ColumnElement[str], unit_path: ColumnElement[Any]) -> ColumnElement[bool]:
        """SQL for `holds` on the given columns."""
        columns = [path, unit_path] if self.is_unit else [path]
        return or_(*(_under(column, *_bounds(p)) for p in self.paths for column in columns))

    @property
    def shape(self) -> Shape:
        """What of the scope is in the text of its `condition`."""
        return len(self.paths), self.is_unit

    def bound(self) -> dict[str, str]:
        """The parameters that `condition_of` names, for this scope."""
        return {
            name: bound
            for number, path in enumerate(self.paths)
            for name, bound in zip(_names(number), _bounds(path), strict=True)
        }

    def fingerprint(self) -> str:
        """Eight characters that differ when the scope does; a cursor of another scope is worth nothing."""
        text = "\n".join((*sorted(self.paths), str(self.is_unit)))
        return sha256(text.encode()).hexdigest()[:8]


def condition_of(
    shape: Shape, path: ColumnElement[str], unit_path: ColumnElement[Any]
) -> ColumnElement[bool]:
    """`Scope.condition` of every scope of this shape, for a statement that is composed once; each gives
    its `bound` with the execution."""
    roots, is_unit = shape
    columns = [path, unit_path] if is_unit else [path]
    return or_(*(_under(column, *map(bindparam, _names(n))) for n in range(roots) for column in columns))


def scope_of(found: Organisation) -> Scope:
    """What an account of this organisation may see."""
    return Scope((found.path,), is_unit=found.kind in UNIT_KINDS)


def united(scopes: Iterable[Scope]) -> Scope:
    """What lies in any of `scopes`."""
    found = list(scopes)
    return Scope(tuple(sorted({path for s in found for path in s.paths})), any(s.is_unit for s in found))


def _inside(path: str | None, root: str) -> bool:
    return path is not None and (path == root or path.startswith(root + "/"))


def _bounds(root: str) -> tuple[str, str, str]:
    return root, root + "/", root + _BEHIND_SLASH


def _names(number: int) -> tuple[str, str, str]:
    return f"root_{number}", f"below_{number}", f"behind_{number}"


def _under(column: ColumnElement[Any], root: Any, below: Any, behind: Any) -> ColumnElement[bool]:
    return or_(column == root, and_(column > below, column < behind))
