"""A published study: the facts transcribed from its report, read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import get_args

from pyclingo_bridge.base.errors import PolicyError, shown_path
from pyclingo_bridge.base.rule_files import RulesFile, read_program, rules_root
from pyclingo_bridge.base.solver import Signature, evaluate
from pyclingo_bridge.base.terms import Term, Value, plain
from pyclingo_bridge.loading.authoring import policy_complaint
from pyclingo_bridge.published.answers import Figure, FigurePart, Remark
from pyclingo_bridge.published.printed import printed

SIGNATURES: tuple[Signature, ...] = (
    ("study", 2),
    ("report", 2),
    ("briefly", 2),
    ("also_called", 2),
    ("studied_drug", 1),
    ("eligibility", 2),
    ("label", 2),
    ("population", 2),
    ("size", 3),
    ("quantity", 3),
    ("figure", 4),
    ("mark", 2),
    ("defined_by", 2),
    ("assessed", 2),
    ("figure_only", 3),
    ("headline", 2),
    ("chapter", 2),
    ("caution", 3),
    ("remark", 2),
    ("studied", 4),
    ("unstudied", 3),
)

_PARTS = get_args(FigurePart)


def studies_root() -> Path:
    """The folder of the studies, one folder a study."""
    return rules_root() / "studies"


def figure_rules() -> list[RulesFile]:
    """The rules that read the figures of a report."""
    return read_program(rules_root() / "studies" / "rules" / "figures.lp")


class ReportFacts:
    """What the report of a study says, as facts.

    Attributes:
        name: its name here.
        title: its name for a reader.
        brief: the same in passing.
        source: the report that the facts are transcribed from.
        published: when that was published, as YYYY-MM-DD.
        files: the facts.
        facts: the same, by predicate.
    """

    def __init__(self, files: list[RulesFile]) -> None:
        """Use `Study.load`."""
        self.files = files
        self.facts = evaluate([*figure_rules(), *files], [], SIGNATURES, policy_complaint)
        name, title = self._only("study", "study(NAME, TITLE)")
        source, published = self._only("report", "report(SOURCE, DAY)")
        _, brief = self._only("briefly", "briefly(NAME, TITLE)")
        self.name, self.title, self.brief = str(plain(name)), str(plain(title)), str(plain(brief))
        self.source, self.published = str(plain(source)), str(plain(published))
        self._refuse(list(self._faults()))

    def _refuse(self, faults: list[str]) -> None:
        if faults:
            path = self.files[0].path
            raise PolicyError("\n".join(f"{shown_path(path)}: {fault}" for fault in dict.fromkeys(faults)))

    def _faults(self) -> Iterator[str]:
        """What is senseless in the facts, as far as the answers rest on it."""
        for group, size, _ in (term.args for term in self.facts["size"]):
            if not isinstance(size, int) or size < 1:
                yield f"group `{group}` has the size `{size}`: write a whole number of 1 or more"
            if group not in self.groups:
                yield f"nothing says what group `{group}` is: add `population({group}, LABEL).`"
        for quantity, group, _ in (term.args for term in self.facts["quantity"]):
            if group not in self.groups:
                yield f"quantity `{quantity}` is of `{group}`: add `population({group}, LABEL).`"
        for quantity, part, value, _ in (term.args for term in self.facts["figure"]):
            if not _is_value(value):
                shape = "write UNIT(NUMBER, DECIMALS), such as `percent(371,1)`"
                yield f"`{value}` is no {part} of `{quantity}`: {shape}"

    def _only(self, word: str, shape: str) -> tuple[Value, Value]:
        facts = [term.args for term in self.facts[word]]
        if len(facts) != 1:
            raise PolicyError(f"{self.files[0].path}: a study says `{shape}.` once, not {len(facts)} times")
        first, second = facts[0]
        return first, second

    @property
    def patients(self) -> Path:
        """The folder of the criteria that tell which of its groups a patient is in."""
        return studies_root() / self.name / "patients"

    @property
    def eligibility(self) -> tuple[str, str]:
        """The policy that tells who could enter, and its criterion for that."""
        ((policy, criterion),) = (term.args for term in self.facts["eligibility"])
        return str(plain(policy)), str(plain(criterion))

    def of_drug(self, drugs: Iterable[Value]) -> bool:
        """Whether the study is of one of these drugs."""
        return not {term.args[0] for term in self.facts["studied_drug"]}.isdisjoint(drugs)

    # In words

    def texts(self, word: str) -> dict[Value, str]:
        """The text that each fact of a word gives to what it names."""
        return {term.args[0]: str(plain(term.args[1])) for term in self.facts[word]}

    @cached_property
    def _labels(self) -> dict[Value, str]:
        return {**self.texts("mark"), **self.texts("label")}

    @cached_property
    def groups(self) -> dict[Value, str]:
        """What each set of patients is called."""
        return self.texts("population")

    @cached_property
    def quantities(self) -> dict[Value, tuple[Value, str]]:
        """Of each quantity, the patients that it is a figure of, and what it is called."""
        quantities: dict[Value, tuple[Value, str]] = {}
        for quantity, group, label in (term.args for term in self.facts["quantity"]):
            texts = label.args if isinstance(label, Term) else (label,)
            quantities[quantity] = (group, ", ".join(str(plain(text)) for text in texts))
        return quantities

    def label(self, thing: Value) -> str:
        """What a mark, a row, a quantity or a set of patients is called."""
        if thing in self.quantities:
            return self.quantities[thing][1]
        if isinstance(thing, Term) and thing.name == "population":
            return self.groups[thing.args[0]]
        return self._named(thing)

    def _named(self, thing: Value) -> str:
        if thing not in self._labels:
            raise PolicyError(f"nothing says what `{thing}` is called: add `label({thing}, TEXT).`")
        return self._labels[thing]

    def place(self, place: Value) -> str:
        """A place of the report, as a reader finds it."""
        if place in self._labels:
            return self._labels[place]
        if not isinstance(place, Term) or len(place.args) < 2:
            return self._named(place)
        table, *parts = place.args
        return ", ".join([self._named(table), *(self._part(part) for part in parts)])

    def _part(self, part: Value) -> str:
        # A row is called by its own name, where that is not the quantity's.
        for name in (Term("baseline", (part,)), part):
            if name in self._labels:
                return self._labels[name]
        return self.label(part)

    def places(self, places: Iterable[Value]) -> tuple[str, ...]:
        """Places of the report, each once, in the order of the places file."""
        order = {place: number for number, place in enumerate(self._labels)}
        every = sorted(set(places), key=lambda place: (order.get(place, len(order)), str(place)))
        return tuple(self.place(place) for place in every)

    # Numbers

    @cached_property
    def printed(self) -> dict[tuple[Value, str], dict[Value, list[Value]]]:
        """For each part of a quantity the values that the report prints, each with its places."""
        parts: dict[tuple[Value, str], dict[Value, list[Value]]] = {}
        for quantity, part, value, place in (term.args for term in self.facts["figure"]):
            values = parts.setdefault((quantity, str(plain(part))), {})
            values.setdefault(value, []).append(place)
        return parts

    def figures(self, quantity: Value) -> tuple[Figure, ...]:
        """Every number that the report prints of a quantity."""
        return tuple(
            figure_of(part, value, self.places(places))
            for part in _PARTS
            for value, places in self.printed.get((quantity, part), {}).items()
        )

    def size(self, group: Value) -> int | None:
        """How many patients a group has; None where the report does not tell."""
        sizes = (term.args[1] for term in self.facts["size"] if term.args[0] == group)
        return next((size for size in sizes if isinstance(size, int)), None)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What a reader of the report should know."""
        remarks: dict[str, list[Value]] = {}
        for text, place in (term.args for term in self.facts["remark"]):
            remarks.setdefault(str(plain(text)), []).append(place)
        return tuple(Remark(text=text, places=self.places(at)) for text, at in remarks.items())


_MOST_DECIMALS = 9
_ARGUMENTS = {"date": 3, "censored": 1, "not_reached": 0}


def _is_value(value: Value) -> bool:
    """Whether the facts' rules know what to make of a value."""
    if not isinstance(value, Term) or len(value.args) != _ARGUMENTS.get(value.name, 2):
        return False
    if value.name == "censored":
        return _is_value(value.args[0])
    # As many decimals as a whole number of the rules has digits.
    whole = all(isinstance(part, int) and part >= 0 for part in value.args)
    if whole and value.name not in _ARGUMENTS and int(plain(value.args[1])) > _MOST_DECIMALS:
        return False
    return whole and bool(value.args or value.name == "not_reached")


def figure_of(part: FigurePart, value: Value, places: tuple[str, ...]) -> Figure:
    """A printed value as a part of an answer."""
    bare = value.args[0] if isinstance(value, Term) and value.name == "censored" else value
    assert isinstance(bare, Term)
    known = len(bare.args) == 2
    return Figure(
        part=part,
        printed=printed(value),
        value=float(printed(bare)) if known else None,
        unit=bare.name if bare.args else "",
        places=places,
    )
