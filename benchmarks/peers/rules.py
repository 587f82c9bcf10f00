"""A policy as plain data, read from its ground rules: what every peer's program is generated from.

Nothing here is written for one policy. Whatever a generator could not translate is refused by name.
Reading needs the solver; the data does not, so that a peer's process can do without.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias, TypeVar

POLICY = "cp_phar_549"
"""The policy that peers are measured on."""

UNKNOWN_DRUG = "drug_that_nobody_knows"
"""Stands in a row for every drug that the vocabulary does not know."""


class NotYet(Exception):
    """The product does not offer what is to be measured."""


Test = Literal[
    "in", "not_in", "at_least", "at_most", "holds", "lacks", "empty", "not_empty", "exceeds", "within"
]  # fmt: skip
Kind = Literal["holds", "fails", "lacks", "hoped", "possible"]
"""Of a requirement: that it is established; that it is refuted, not supported; that it is not established;
that it is established or open; that it is anything but refuted."""

Formula: TypeAlias = tuple[Any, ...]
"""`("all", F...)`, `("any", F...)`, or `(KIND, number of a requirement)`."""


@dataclass(frozen=True)
class Condition:
    """What a row says: its value of the attribute is there, and passes the test.

    Attributes:
        attribute: the attribute.
        test: of a list, `holds` is for any of the values, `lacks` for none of them,
            `exceeds` for any other value, `within` for no other.
        values: what the value is compared with.
        qualifier: a flag that has to be true beside it.
    """

    attribute: str
    test: Test
    values: tuple[Any, ...] = ()
    qualifier: str = ""


@dataclass(frozen=True)
class Requirement:
    """A requirement: a row supports it by any of some conditions, and refutes it by any of others."""

    term: str
    attribute: str
    supports: tuple[Condition, ...]
    refutes: tuple[Condition, ...]

    @property
    def certain(self) -> bool:
        """Whether no row can both support and refute it: all its conditions are on one value."""
        return len({condition.attribute for condition in (*self.supports, *self.refutes)}) == 1


@dataclass(frozen=True)
class Node:
    """A criterion or part. Items are numbers of requirements, or names of nodes further up in the list.

    Attributes:
        worlds: where undocumented requirements exclude one another, the sets of them to leave out of hope:
            the node is in reach if it is with one of them left out. Empty where nothing excludes.
    """

    name: str
    needs: tuple[int | str, ...]
    offers: tuple[int | str, ...]
    excuse: tuple[int | str, ...]
    worlds: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Section:
    """A section: the requirements that route to it, its use conditions, its criteria, all its requirements."""

    name: str
    routes: tuple[int, ...]
    uses: tuple[int | str, ...]
    criteria: tuple[str, ...]
    requirements: tuple[int, ...]


@dataclass(frozen=True)
class Rules:
    """A policy: requirements, nodes (an item before what it is in), sections in their order."""

    requirements: tuple[Requirement, ...]
    nodes: tuple[Node, ...]
    sections: tuple[Section, ...]
    attributes: dict[str, tuple[str, str]]
    """Kind and domain of each attribute."""
    entailed: tuple[tuple[int, tuple[int, ...]], ...]
    """A requirement, and other requirements that together are true only where it is; the smallest such sets."""
    excluded: tuple[tuple[int, ...], ...]
    """Requirements that are never true together; the smallest such sets."""

    @cached_property
    def by_name(self) -> dict[str, Node]:
        """The nodes by their names."""
        return {node.name: node for node in self.nodes}

    def data(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)

    @classmethod
    def of(cls, data: dict[str, Any]) -> Rules:
        """From what `data` told, after a way through JSON."""

        def conditions(found: list[dict[str, Any]]) -> tuple[Condition, ...]:
            return tuple(Condition(**{**one, "values": tuple(one["values"])}) for one in found)

        def listed(one: dict[str, Any]) -> dict[str, Any]:
            return {key: tuple(x) if isinstance(x, list) else x for key, x in one.items()}

        requirements = (
            Requirement(c["term"], c["attribute"], conditions(c["supports"]), conditions(c["refutes"]))
            for c in data["requirements"]
        )
        nodes = (
            Node(**{**listed(node), "worlds": tuple(tuple(world) for world in node["worlds"])})
            for node in data["nodes"]
        )
        sections = (Section(**listed(section)) for section in data["sections"])
        attributes = {name: (kind, domain) for name, (kind, domain) in data["attributes"].items()}
        entailed = tuple((requirement, tuple(others)) for requirement, others in data["entailed"])
        excluded = tuple(map(tuple, data["excluded"]))
        return cls(tuple(requirements), tuple(nodes), tuple(sections), attributes, entailed, excluded)

    # --- The outcome as formulas over requirements ---------------------------------------------------

    def met(self, item: int | str) -> Formula:
        """When a criterion, part or requirement is met by the met requirements."""
        return self._reach(item, "holds", ())

    def reach(self, item: int | str, hope: Kind) -> Formula:
        """When it would be met if requirements of a kind held that do not exclude one another."""
        worlds = () if isinstance(item, int) else self.by_name[item].worlds
        return ("any", *(self._reach(item, hope, world) for world in worlds or ((),)))

    def _reach(self, item: int | str, hope: Kind, left_out: tuple[int, ...]) -> Formula:
        if isinstance(item, int):
            return ("holds" if item in left_out else hope, item)
        node = self.by_name[item]
        return _formula(node, lambda x: self._reach(x, hope, left_out), "all", "any")

    def beyond(self, item: int | str, left_out: tuple[int, ...] = ()) -> Formula:
        """When neither documents nor resolved contradictions could meet it: the complement of reach.

        Args:
            item: a criterion, part or requirement.
            left_out: requirements that count only where they are established.
        """
        if isinstance(item, int):
            return ("lacks" if item in left_out else "fails", item)
        node = self.by_name[item]
        if not left_out and node.worlds:
            return ("all", *(self.beyond(item, world) for world in node.worlds))
        return _formula(node, lambda x: self.beyond(x, left_out), "any", "all")

    def routed(self, section: Section) -> Formula:
        """When requests go to a section."""
        return ("any", *(("holds", requirement) for requirement in section.routes))

    def approves(self, section: Section) -> Formula:
        """When a section approves."""
        return ("all", self.routed(section), self.met(section.name))

    def refers(self) -> Formula:
        """When no section addresses the use; it decides only where none approves."""
        return ("all", *(self.foreign(section) for section in self.sections))

    def foreign(self, section: Section) -> Formula:
        """When a section does not address the use, or requests do not go to it."""
        elsewhere = ("all", *(("lacks", requirement) for requirement in section.routes))
        return ("any", elsewhere, *(self.beyond(use) for use in section.uses))


def _formula(node: Node, item: Callable[[int | str], Formula], every: str, some: str) -> Formula:
    """A node of its items; with the two words exchanged, its complement of their complements."""
    asked = [item(x) for x in node.needs]
    if node.offers:
        asked.append((some, *(item(x) for x in node.offers)))
    ways: list[Formula] = [(every, *asked)] if asked else []
    return (some, *ways, *(item(x) for x in node.excuse))


Made = TypeVar("Made")


def fold(
    formula: Formula,
    literal: Callable[[Kind, int], Made],
    every: Callable[[list[Made]], Made],
    some: Callable[[list[Made]], Made],
) -> Made:
    """A formula put into a peer's own words, from the inside out."""
    word, *rest = formula
    if word not in ("all", "any"):
        return literal(word, rest[0])
    parts = [fold(part, literal, every, some) for part in rest]
    if len(parts) == 1:
        return parts[0]
    return every(parts) if word == "all" else some(parts)
