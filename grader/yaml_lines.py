"""YAML that remembers its lines: every defect is collected, with its line, before the file is refused."""

from __future__ import annotations

from typing import Any

import yaml

from grader.errors import RubricInvalid
from grader.values import Text


class Lines:
    """Walks YAML nodes. What is wrong in a part is said once: its own parts are then not looked at."""

    def __init__(self, data: bytes, name: str) -> None:
        """Parse `data`, the content of the file called `name`. Raises RubricInvalid when it is no YAML."""
        self.name = name
        self.defects: list[tuple[int, Text]] = []
        self.root = self._parsed(data)

    def _parsed(self, data: bytes) -> Any:
        try:
            root = yaml.CSafeLoader(data.decode("utf-8")).get_single_node()
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            told = str(getattr(error, "problem", None) or error).splitlines()[0]
            self._at(mark.line + 1 if mark else 1, f"YAML mal formé ({told})", f"malformed YAML ({told})")
            self.finish()
            raise
        return root if root is not None else yaml.MappingNode("tag:yaml.org,2002:map", [])

    def _at(self, line: int, fr: str, en: str) -> None:
        self.defects.append((line, Text(f"{self.name}:{line}: {fr}", f"{self.name}:{line}: {en}")))

    def wrong(self, node: Any, fr: str, en: str) -> None:
        """Write a defect down, at the line of `node`."""
        self._at(node.start_mark.line + 1 if node is not None and node.start_mark else 1, fr, en)

    def finish(self) -> None:
        """Refuse the file when anything was wrong, its defects in the order of the lines. Raises RubricInvalid."""
        refuse([text for _, text in sorted(self.defects, key=lambda defect: defect[0])])

    def mapping(self, node: Any, what: Text) -> dict[str, Any]:
        """Return the nodes of a mapping by key."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, f"{what.fr} : il faut des clés et des valeurs", f"{what.en} must be a mapping")
            return {}
        found: dict[str, Any] = {}
        for key, value in node.value:
            if key.value in found:
                self.wrong(key, f"{what.fr} : {key.value} est donné deux fois", f"{what.en}: {key.value} is given twice")
            found[str(key.value)] = value
        return found

    def sequence(self, node: Any, what: Text) -> list[Any]:
        """Return the nodes of a list."""
        if not isinstance(node, yaml.SequenceNode):
            self.wrong(node, f"{what.fr} : il faut une liste", f"{what.en} must be a list")
            return []
        return list(node.value)

    def scalar(self, fields: dict[str, Any], key: str, parent: Any, what: Text) -> str:
        """Return the text at `key`, which must be there and say something."""
        node = fields.get(key)
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self.wrong(node or parent, f"{what.fr} : il manque {key}", f"{what.en} needs {key}")
            return ""
        return str(node.value)

    def text(self, fields: dict[str, Any], parent: Any, what: Text) -> Text:
        """Return the text in both languages."""
        return Text(self.scalar(fields, "fr", parent, what), self.scalar(fields, "en", parent, what))

    def known_keys(self, fields: dict[str, Any], allowed: str, what: Text) -> None:
        """Write down every key that is not one of the words of `allowed`."""
        for key, node in fields.items():
            if key not in allowed.split():
                self.wrong(
                    node,
                    f"{what.fr} : clé inconnue {key} (connues : {allowed})",
                    f"{what.en}: unknown key {key} (known: {allowed})",
                )


def refuse(defects: list[Text]) -> None:
    """Raise RubricInvalid when there are defects; its sentence lists them all."""
    if defects:
        listed = Text("\n".join(d.fr for d in defects), "\n".join(d.en for d in defects))
        raise RubricInvalid("rubric-invalid", count=len(defects), defects=listed)


def named(identity: str) -> Text:
    """Return what a part is called in a defect: its id, the same in both languages."""
    return Text(identity or "?", identity or "?")
