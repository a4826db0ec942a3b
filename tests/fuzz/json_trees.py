"""Changes to JSON documents and JSON lines: keys, values, types, nesting, and what only the text can say."""

from __future__ import annotations

import json
import random
from typing import Any

from tests.fuzz import hostile

# A container and the key or index of one of its values.
Place = tuple[Any, Any]


def change(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """A document with a few things changed; of JSON lines, one line."""
    trees = _trees(data)
    if trees is None:
        return data
    if len(trees) == 1:
        return _written(chance, _changed(chance, trees[0], _trees(other) or [None]))
    at = chance.randrange(len(trees))
    lines = [_written(chance, tree, indent=None) for tree in trees]
    match chance.randrange(8):
        case 0:
            lines.insert(chance.randrange(len(lines)), lines[at])
        case 1:
            del lines[at]
        case 2:
            chance.shuffle(lines)
        case _:
            lines[at] = _written(chance, _changed(chance, trees[at], _trees(other) or [None]), indent=None)
    return b"\n".join(lines) + b"\n"


def _trees(data: bytes) -> list[Any] | None:
    """The document, or the values of JSON lines."""
    try:
        return [json.loads(data)]
    except (ValueError, RecursionError):
        pass
    try:
        return [json.loads(line) for line in data.splitlines() if line.strip()] or None
    except (ValueError, RecursionError):
        return None


def _written(chance: random.Random, tree: Any, indent: int | None = 1) -> bytes:
    chosen = indent if chance.random() < 0.5 else None
    data = hostile.dumped(tree, is_ascii=chance.random() < 0.5, indent=chosen)
    match chance.randrange(40):
        case 0:  # a key twice
            at = data.find(b'"', chance.randrange(len(data) + 1))
            end = data.find(b",", at)
            return data[:end] + b"," + data[at:end] + data[end:] if 0 <= at < end else data
        case 1:
            return data + chance.choice((b",", b"]", b"}", b"\0", data))
        case 2:
            return data.replace(b":", chance.choice((b"=", b"::", b": -", b":0")), 1)
        case 3:
            depth = chance.choice((900, 20_000, 200_000))
            return b"[" * depth + data + b"]" * depth
        case 4:
            return data.replace(b'"', b"'", 4)
    return data


def _places(tree: Any, most: int = 4000) -> list[Place]:
    """Every place of a value, as far as `most`."""
    found: list[Place] = []
    waiting = [tree]
    while waiting and len(found) < most:
        inner = waiting.pop()
        own = list(inner) if isinstance(inner, dict) else list(range(len(inner))) if isinstance(inner, list) else []
        for key in own:
            found.append((inner, key))
            waiting.append(inner[key])
    return found


def _changed(chance: random.Random, tree: Any, others: list[Any]) -> Any:
    if chance.random() < 0.02:
        return chance.choice((hostile.value(chance), [tree], {"data": tree}))
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        places = _places(tree)
        if not places:
            return hostile.value(chance)
        # Upper levels are few and decide much.
        inner, key = chance.choice(places[:12] if chance.random() < 0.2 else places)
        _change_at(chance, inner, key, places, others)
    return tree


def _change_at(chance: random.Random, inner: Any, key: Any, places: list[Place], others: list[Any]) -> None:
    old = inner[key]
    match chance.randrange(14):
        case 0 | 1:
            inner[key] = hostile.value(chance)
        case 2 | 3 | 4:
            inner[key] = hostile.changed_text(chance, old) if isinstance(old, str) else hostile.value(chance)
        case 5 | 6:
            del inner[key]
        case 7:
            container, at = chance.choice(places)
            inner[key] = _copied(container[at]) if at in _keys(container) else None
        case 8:
            inner[key] = chance.choice(([old], {"value": old}, [old, old], str(old), [[old]]))
        case 9:
            if isinstance(old, list | dict) and old:
                inner[key] = next(iter(old.values())) if isinstance(old, dict) else old[0]
        case 10:
            if isinstance(inner, dict):
                name = chance.choice((hostile.text(chance), key.upper(), f"{key}s", f" {key}"))
                inner[name] = inner.pop(key)
        case 11:
            if isinstance(inner, dict):
                inner[chance.choice(("extra", "", "id", "type", "name"))] = hostile.value(chance)
            else:
                inner.insert(chance.randrange(len(inner) + 1), _copied(old))
        case 12:
            if isinstance(inner, list):
                inner += [_copied(old) for _ in range(chance.choice((1, 2, 100)))]
        case _:
            elsewhere = _places(chance.choice(others))
            if elsewhere:
                container, at = chance.choice(elsewhere)
                inner[key] = _copied(container[at])


def _keys(container: Any) -> Any:
    return container if isinstance(container, dict) else range(len(container))


def _copied(tree: Any) -> Any:
    return json.loads(json.dumps(tree))
