"""YAML read as plain values that remember their lines. Tags are never obeyed, and what aliases expand to is bounded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.workspace import File

MOST_BYTES = 400_000
MOST_VALUES = 60_000  # counted as if every alias were written out
DEEPEST = 60


class Mapping(dict[str, Any]):
    """A mapping of YAML: `line` is where it starts, `lines` gives the line of each key (from 1)."""

    line: int = 1
    lines: dict[str, int]

    def at(self, key: str) -> int:
        """Line of `key`, or of the mapping."""
        return self.lines.get(key, self.line)


class Sequence(list[Any]):
    """A sequence of YAML: `line` is where it starts, `lines` gives the line of each item (from 1)."""

    line: int = 1
    lines: list[int]

    def at(self, index: int) -> int:
        """Line of an item, or of the sequence."""
        return self.lines[index] if index < len(self.lines) else self.line


def load_yaml(file: File) -> list[Any]:
    """Return the documents of a YAML file. Raises ValueError or the parser's error when it is malformed or too large."""
    from ruamel.yaml import YAML

    if file.size > MOST_BYTES:
        raise ValueError("too large")
    reader = YAML(typ="safe", pure=True)
    # Tabs and templates (`{{ … }}`) make a file unreadable here: the caller's `attempt` then lists it as such.
    return [_Values().of(node, 0) for node in reader.compose_all(file.text) if node is not None]


def as_mapping(value: Any) -> Mapping:
    """Return `value` when it is a mapping, else an empty one: for reading what a stranger wrote."""
    if isinstance(value, Mapping):
        return value
    empty = Mapping()
    empty.lines = {}
    return empty


def as_items(value: Any) -> Iterator[tuple[Any, int]]:
    """Yield the items of a sequence with their lines; nothing for any other value."""
    if isinstance(value, Sequence):
        for index, item in enumerate(value):
            yield item, value.at(index)


class _Values:
    """Turns the nodes of one document into values, each anchor once, and counts what the aliases stand for."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, int]] = {}

    def of(self, node: Any, depth: int) -> Any:
        return self._value(node, depth)[0]

    def _value(self, node: Any, depth: int) -> tuple[Any, int]:
        if depth > DEEPEST:
            raise ValueError("too deep")
        if id(node) in self._known:
            return self._known[id(node)]
        if node.id == "mapping":
            made = self._mapping(node, depth)
        elif node.id == "sequence":
            made = self._sequence(node, depth)
        else:
            made = (_scalar(node), 1)
        if made[1] > MOST_VALUES:
            raise ValueError("too many values")
        self._known[id(node)] = made
        return made

    def _mapping(self, node: Any, depth: int) -> tuple[Any, int]:
        mapping = Mapping()
        mapping.line, mapping.lines = node.start_mark.line + 1, {}
        total = 1
        merged: list[Any] = []
        for key_node, value_node in node.value:
            value, size = self._value(value_node, depth + 1)
            total += size
            if key_node.value == "<<" and isinstance(value, Mapping | Sequence):
                merged.extend([value] if isinstance(value, Mapping) else [v for v in value if isinstance(v, Mapping)])
                continue
            key = str(key_node.value) if key_node.id == "scalar" else "?"
            mapping[key] = value
            mapping.lines[key] = key_node.start_mark.line + 1
        for other in merged:
            for key, value in other.items():
                if key not in mapping:
                    mapping[key] = value
                    mapping.lines[key] = other.at(key)
        return mapping, total

    def _sequence(self, node: Any, depth: int) -> tuple[Any, int]:
        sequence = Sequence()
        sequence.line, sequence.lines = node.start_mark.line + 1, []
        total = 1
        for item in node.value:
            value, size = self._value(item, depth + 1)
            total += size
            sequence.append(value)
            sequence.lines.append(item.start_mark.line + 1)
        return sequence, total


def _scalar(node: Any) -> Any:
    kind, text = str(node.tag).rsplit(":", 1)[-1], node.value
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in ("true", "yes", "on")
    try:
        if kind == "int":
            return int(text.replace("_", ""), 0) if len(text) < 40 else text
        if kind == "float":
            return float(text.replace("_", ""))
    except ValueError:
        return text
    return text
