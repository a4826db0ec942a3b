"""How a uv project reaches each locked package: in production, through an extra, or for development only."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from beholden.scan.software.text import field_of, objects_in, table_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# (package, extra); an empty extra is the package itself.
_Node = tuple[str, str]
_STRONGEST_FIRST = ("prod", "optional", "dev")


@dataclass(slots=True)
class Scopes:
    """Scopes by package name; make it with `of`, then `spread` over all packages."""

    _direct: dict[str, list[_Node]] = field(default_factory=lambda: {scope: [] for scope in _STRONGEST_FIRST})
    _scopes: dict[str, str] = field(default_factory=dict)
    _direct_names: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, own_packages: Iterable[dict[str, Any]]) -> Scopes:
        """Start from what the project and its workspace members ask for themselves."""
        scopes = cls()
        for table in own_packages:
            scopes._direct["prod"].extend(_nodes(table.get("dependencies")))
            for group in table_of(table.get("optional-dependencies")).values():
                scopes._direct["optional"].extend(_nodes(group))
            for group in table_of(table.get("dev-dependencies")).values():
                scopes._direct["dev"].extend(_nodes(group))
        scopes._direct_names = {name for nodes in scopes._direct.values() for name, _ in nodes}
        return scopes

    def spread(self, packages: Iterable[dict[str, Any]]) -> None:
        """Follow the dependencies of every package; a name keeps the strongest scope that reaches it."""
        edges: dict[_Node, list[_Node]] = {}
        for table in packages:
            name = field_of(table, "name") or ""
            edges.setdefault((name, ""), []).extend(_nodes(table.get("dependencies")))
            for extra, group in table_of(table.get("optional-dependencies")).items():
                edges.setdefault((name, extra), []).extend(_nodes(group))
        for scope in _STRONGEST_FIRST:
            waiting, seen = deque(self._direct[scope]), set(self._direct[scope])
            while waiting:
                node = waiting.popleft()
                self._scopes.setdefault(node[0], scope)
                for other in edges.get(node, ()):
                    if other not in seen:
                        seen.add(other)
                        waiting.append(other)

    def scope(self, name: str) -> str | None:
        """`prod`, `optional` or `dev`; None where no dependency of the project reaches the package."""
        return self._scopes.get(name)

    def is_direct(self, name: str) -> bool:
        """Whether the project or a workspace member asks for the package itself."""
        return name in self._direct_names


def _nodes(dependencies: object) -> Iterator[_Node]:
    for item in objects_in(dependencies):
        name = field_of(item, "name")
        if name is None:
            continue
        yield name, ""
        extras = item.get("extra")
        for extra in extras if isinstance(extras, list) else ():
            if known := text_of(extra):
                yield name, known
