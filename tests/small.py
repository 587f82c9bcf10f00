"""Small policies made at random, and brute force over all that their cases can be.

An oracle of its own: requirements are the sets of values they are true of, and every question is
answered by trying everything.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests.conftest import POLICIES

SETS = {
    "ab": "ab",
    "bd": "bd",
    "abd": "abd",
    "xy": "xy",
    "yz": "yz",
    "uv": "uv",
    "vw": "vw",
    "uvw": "uvw",
}
UNKNOWN = "unknown_drug"
ASKED = "yes(asked)"
"""The route of a section that tells of no other."""


def _lists(members: Iterable[str], empty: bool = True) -> list[frozenset[str]]:
    pool = sorted(members)
    sizes = range(0 if empty else 1, len(pool) + 1)
    return [frozenset(chosen) for size in sizes for chosen in itertools.combinations(pool, size)]


DOMAINS: dict[str, list[Any]] = {
    "asked": [True, False],
    "given": _lists(["u", "v", "w", UNKNOWN]),
    "amount": list(range(9)),
    "p": [True, False],
    "q": [True, False],
    "r": [True, False],
    "n": list(range(9)),
    "c": ["a", "b", "d", "e"],
    "l": _lists("xyz"),
    "m": _lists("xyz", empty=False),
    "h": _lists(["u", "v", "w", "s", UNKNOWN]),
}
KINDS = {
    "asked": "request",
    "given": "request",
    "amount": "request",
    "r": "latest",
    "n": "latest",
    "m": "cumulative",
    "h": "history",
}
DEFAULTS: dict[str, Any] = {"asked": True, "amount": 5}
"""What holds where the form does not say."""


class Requirement(NamedTuple):
    """An attribute, and the values of it that make the requirement true."""

    attribute: str
    values: frozenset[Any]

    def complement(self) -> Requirement:
        return Requirement(self.attribute, frozenset(DOMAINS[self.attribute]) - self.values)

    @property
    def rising(self) -> bool:
        """Whether a list that holds more makes it no less true."""
        return all(
            more in self.values for less in self.values for more in DOMAINS[self.attribute] if less <= more
        )


def requirement_of(term: str) -> Requirement:
    """The requirement that a term of the rules means."""
    name, rest = term.rstrip(")").split("(", 1)
    attribute, _, value = rest.partition(",")
    members = frozenset(SETS.get(value, ""))
    tests: dict[str, Callable[[Any], bool]] = {
        "yes": lambda v: v is True,
        "no": lambda v: v is False,
        "is": lambda v: str(v) == value,
        "at_least": lambda v: v >= int(value),
        "at_most": lambda v: v <= int(value),
        "among": lambda v: bool(v & members) if isinstance(v, frozenset) else v in members,
        "includes": lambda v: value in v,
        "includes_any": lambda v: bool(v & members),
        "excludes": lambda v: value not in v,
        "empty": lambda v: not v,
    }
    return Requirement(attribute, frozenset(v for v in DOMAINS[attribute] if tests[name](v)))


TERMS = [
    *("yes(p)", "no(p)", "yes(q)", "no(q)", "yes(r)", "yes(asked)"),
    *("at_least(n,2)", "at_least(n,4)", "at_most(n,4)", "at_most(n,6)", "is(n,4)", "is(n,2)"),
    *("is(c,a)", "is(c,b)", "among(c,ab)", "among(c,bd)", "among(c,abd)"),
    *(
        "includes(l,x)",
        "includes(l,y)",
        "excludes(l,x)",
        "includes_any(l,xy)",
        "among(l,yz)",
        "empty(l)",
    ),
    *("includes(m,x)", "excludes(m,y)", "among(m,xy)", "includes_any(m,yz)", "excludes(m,z)"),
    *(
        "includes(h,u)",
        "excludes(h,u)",
        "excludes(h,v)",
        "includes_any(h,uv)",
        "includes_any(h,uvw)",
        "empty(h)",
    ),
    *("empty(given)", "includes(given,u)"),
    *("at_most(amount,3)", "at_least(amount,6)", "is(amount,4)"),
]


@dataclass
class Small:
    """A policy as data: for each criterion its needs, alternatives and excuses (requirements or ids).

    Sections have use conditions, and routes where not all requests that are asked go to them.
    """

    sections: list[str] = field(default_factory=list)
    needs: dict[str, list[str]] = field(default_factory=dict)
    offers: dict[str, list[str]] = field(default_factory=dict)
    unless: dict[str, list[str]] = field(default_factory=dict)
    only_if: dict[str, list[str]] = field(default_factory=dict)
    uses: dict[str, list[str]] = field(default_factory=dict)
    routes: dict[str, list[str]] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """The policy as a folder of rules."""
        lines = [
            f'#include "{POLICIES / "small" / "vocabulary.lp"}".',
            "",
            'policy(small, "made at random").',
        ]
        lines.append('source("nowhere", "now").')
        for place, section in enumerate(self.sections, 1):
            lines.append(f'section("{section}", {place}).')
            routes = self.routes.get(section, [ASKED])
            lines += [f'route("{section}", {term}).' for term in routes]
            lines += [f'use_condition("{section}", {term}).' for term in self.uses[section]]
        for name in self.needs:
            lines.append(f'criterion("{name}", "criterion {name}"). locator("{name}", "{name}").')
            for word, table in (("requires", self.needs), ("any_of", self.offers)):
                lines += [f'{word}("{name}", {_item(item)}).' for item in table[name]]
            lines += [f'unless("{name}", {term}).' for term in self.unless[name]]
            lines += [f'only_if("{name}", {term}).' for term in self.only_if[name]]
        (folder / "policy.lp").write_text("\n".join(lines) + "\n")
        return folder

    def requirements(self) -> set[Requirement]:
        """Every requirement that the sections' rules mention."""
        found = set()
        for name in self.needs:
            found |= {requirement_of(item) for item in (*self.needs[name], *self.offers[name]) if "(" in item}
            found |= {requirement_of(term) for term in self.unless[name]}
            found |= {requirement_of(term).complement() for term in self.only_if[name]}
        return found

    def met(self, name: str, holding: frozenset[Requirement]) -> bool:
        """Whether a criterion or requirement is met when exactly these requirements hold."""
        if "(" in name:
            return requirement_of(name) in holding
        if any(requirement_of(term) in holding for term in self.unless[name]):
            return True
        if any(requirement_of(term).complement() in holding for term in self.only_if[name]):
            return True
        offered = not self.offers[name] or any(self.met(item, holding) for item in self.offers[name])
        return offered and all(self.met(item, holding) for item in self.needs[name])


def _item(item: str) -> str:
    return item if "(" in item else f'"{item}"'


def random_policy(rng: random.Random) -> Small:
    """A policy of one or two sections, up to three levels deep."""
    made = Small()
    for number in range(rng.choice([1, 1, 2])):
        section = f"S{number}"
        made.sections.append(section)
        terms = rng.sample(TERMS, rng.randint(3, 8))
        made.uses[section] = rng.sample(terms, rng.choice([0, 1]))
        _grow(made, section, terms, rng, 0)
    return made


def _grow(made: Small, name: str, terms: list[str], rng: random.Random, depth: int) -> None:
    for table in (made.needs, made.offers, made.unless, made.only_if):
        table[name] = []
    for _ in range(rng.randint(1, 3)):
        child = rng.choice(terms)
        if depth < 2 and rng.random() < 0.4:
            child = f"{name}.{len(made.needs)}"
            _grow(made, child, terms, rng, depth + 1)
        (made.needs if rng.random() < 0.6 else made.offers)[name].append(child)
    if rng.random() < 0.2:
        made.unless[name].append(rng.choice(terms))
    if rng.random() < 0.2:
        made.only_if[name].append(rng.choice(terms))


def random_small_case(rng: random.Random) -> dict[str, Any]:
    """A case of the small vocabulary: few documents, so that much stays open."""
    form: dict[str, Any] = {"given": rng.sample(["u", "v", "S", "Novel"], rng.choice([0, 0, 1, 2]))}
    if rng.random() < 0.5:
        form["amount"] = rng.choice(DOMAINS["amount"])
    documents = []
    for number in range(rng.choice([0, 1, 1, 2, 3])):
        states: dict[str, Any] = {}
        for name in rng.sample(["p", "q", "r", "n", "c", "l", "m", "h"], rng.randint(0, 4)):
            states[name] = _stated(name, rng)
            if name == "h" and rng.random() < 0.6:
                states["all_told"] = True
        date = f"2024-0{rng.randint(1, 3)}-01"
        documents.append({"id": f"d{number}", "type": "cheap", "date": date, "states": states})
    return {"id": "small", "request": form, "documents": documents}


def _stated(name: str, rng: random.Random) -> Any:
    if name == "h":
        return rng.sample(["u", "V", "w", "s", "Novel"], rng.choice([0, 1, 1, 2, 3]))
    if name == "n" and rng.random() < 0.2:
        low, high = sorted(rng.sample(DOMAINS[name], 2))
        return rng.choice([{"at_least": low}, {"at_most": high}, {"at_least": low, "at_most": high}])
    value = rng.choice(DOMAINS[name])
    return sorted(value) if isinstance(value, frozenset) else value


def requested(case: dict[str, Any], attribute: str) -> Any:
    """What the form says of an attribute, or its default."""
    return case["request"].get(attribute, DEFAULTS.get(attribute))


def heard(name: str, value: Any) -> Any:
    """A stated value as one of its attribute's domain."""
    if not isinstance(value, list):
        return value
    words = (
        {word.lower() if word.lower() in "uvws" else UNKNOWN for word in value} if name in "h given" else value
    )
    return frozenset(word for word in words if not (name == "given" and word == "s"))


def meant(name: str, value: Any) -> set[Any]:
    """Every value that a statement may mean: a range is of each number in it, an unknown name may be any drug.

    A drug that does not count, such as a supportive medicine, leaves the list as it is without it.
    """
    if isinstance(value, dict):
        low, high = value.get("at_least", 0), value.get("at_most", max(DOMAINS[name]))
        return {number for number in DOMAINS[name] if low <= number <= high}
    value = heard(name, value)
    if name != "given" or UNKNOWN not in value:
        return {value}
    known = value - {UNKNOWN}
    return {known, *(known | {drug} for drug in ("u", "v", "w", UNKNOWN))}


def _effect(requirement: Requirement, value: Any) -> set[bool]:
    """True where it is true of all that a statement may mean, False where of none, else nothing."""
    found = {each in requirement.values for each in meant(requirement.attribute, value)}
    return found if len(found) == 1 else set()


def state(requirement: Requirement, case: dict[str, Any]) -> str:
    """established, open, conflicting or refuted."""
    name = requirement.attribute
    told = [entry for entry in case["documents"] if name in entry["states"]]
    kind = KINDS.get(name, "stable")
    if kind == "request":
        effects = _effect(requirement, requested(case, name))
    elif kind in ("cumulative", "history"):
        effects = _listed(requirement, told, kind)
    else:
        if kind == "latest" and told:
            last = max(entry["date"] for entry in told)
            told = [entry for entry in told if entry["date"] == last]
        effects = {effect for entry in told for effect in _effect(requirement, entry["states"][name])}
    return {
        frozenset(): "undocumented",
        frozenset({True}): "met",
        frozenset({False}): "not_met",
    }.get(frozenset(effects), "conflicting")


def _listed(requirement: Requirement, told: list[dict[str, Any]], kind: str) -> set[bool]:
    """The effects of lists on a requirement: a falling requirement is the mirror image of its complement."""
    rising = requirement if requirement.rising else requirement.complement()
    # An unknown name supports nothing: what it may be is left open.
    lists = [heard(requirement.attribute, entry["states"][requirement.attribute]) - {UNKNOWN} for entry in told]
    supported = any(value in rising.values for value in lists)
    if kind == "cumulative":
        effects = {supported} if told else set()
    else:
        silent = any(
            is_whole(entry, told) and value not in rising.values
            for entry, value in zip(told, lists, strict=True)
        )
        effects = ({True} if supported else set()) | ({False} if silent else set())
    return effects if requirement.rising else {not effect for effect in effects}


def is_whole(entry: dict[str, Any], told: list[dict[str, Any]]) -> bool:
    """Whether an entry's history, out of those told, leaves nothing out.

    A list of the same day overtakes it like a later one; supportive medicines overtake none.
    """
    own = {word.lower() for word in entry["states"]["h"]}
    others = [other for other in told if other["date"] >= entry["date"]]
    known = all(word.lower() in "uvws" for other in told for word in other["states"]["h"])
    listed = {word.lower() for other in others for word in other["states"]["h"]} - {"s"}
    return bool(entry["states"].get("all_told")) and known and listed <= own


def _worlds(requirements: Iterable[Requirement]) -> Iterator[frozenset[Requirement]]:
    """Every greatest set of these requirements that single values satisfy."""
    by_attribute: dict[str, set[Requirement]] = {}
    for requirement in requirements:
        by_attribute.setdefault(requirement.attribute, set()).add(requirement)
    choices = [
        {
            frozenset(requirement for requirement in group if value in requirement.values)
            for value in DOMAINS[name]
        }
        for name, group in by_attribute.items()
    ]
    for chosen in itertools.product(*choices):
        yield frozenset().union(*chosen)


def statuses(made: Small, case: dict[str, Any]) -> dict[str, str]:
    """Every criterion's status, by trying every world."""
    states = {requirement: state(requirement, case) for requirement in made.requirements()}
    sure = frozenset(requirement for requirement, how in states.items() if how == "met")
    opened = [sure | world for world in _worlds(c for c, how in states.items() if how == "undocumented")]
    doubted = [
        sure | world
        for world in _worlds(c for c, how in states.items() if how in ("undocumented", "conflicting"))
    ]
    found = {}
    for name in made.needs:
        if made.met(name, sure):
            found[name] = "met"
        elif any(made.met(name, world) for world in opened):
            found[name] = "undocumented"
        elif any(made.met(name, world) for world in doubted):
            found[name] = "conflicting"
        else:
            found[name] = "not_met"
    return found


def outcome(made: Small, case: dict[str, Any]) -> tuple[str, str | None]:
    """The outcome, and for a denial its kind."""
    found = statuses(made, case)
    status = [found[section] for section in made.sections]
    if "met" in status:
        return "approve", None
    addressed = [
        section
        for section in made.sections
        if all(state(requirement_of(term), case) != "not_met" for term in made.uses[section])
    ]
    if not addressed:
        return "refer", None
    kinds = {
        "undocumented": "insufficient_documentation",
        "conflicting": "conflicting_documentation",
    }
    return "deny", next((kind for word, kind in kinds.items() if word in status), "criteria_not_met")


def missing(made: Small, case: dict[str, Any]) -> set[frozenset[Requirement]]:
    """Every missing set, by trying every set of undocumented requirements."""
    if outcome(made, case)[0] != "deny":
        return set()
    states = {requirement: state(requirement, case) for requirement in made.requirements()}
    sure = frozenset(requirement for requirement, how in states.items() if how == "met")
    open_requirements = sorted(
        (requirement for requirement, how in states.items() if how == "undocumented"), key=repr
    )
    enough: dict[frozenset[Requirement], frozenset[Requirement]] = {}
    for size in range(len(open_requirements) + 1):
        for chosen in itertools.combinations(open_requirements, size):
            holding = frozenset(chosen)
            if consistent(holding):
                closed = entailed(holding, made.requirements())
                if any(made.met(section, sure | closed) for section in made.sections):
                    enough[holding] = closed
    return {
        chosen
        for chosen, closed in enough.items()
        if not any(requirement in entailed(chosen - {requirement}, {requirement}) for requirement in chosen)
        and not any(other <= closed and not chosen <= theirs for other, theirs in enough.items())
    }


def consistent(requirements: frozenset[Requirement]) -> bool:
    """Whether for each attribute some single value satisfies all its requirements."""
    return all(values for _, values in _left(requirements).items())


def entailed(requirements: frozenset[Requirement], among: Iterable[Requirement]) -> frozenset[Requirement]:
    """The requirements that are true of every value that satisfies these."""
    left = _left(requirements)
    return frozenset(c for c in among if c.attribute in left and left[c.attribute] <= c.values)


def _left(requirements: Iterable[Requirement]) -> dict[str, frozenset[Any]]:
    left: dict[str, frozenset[Any]] = {}
    for requirement in requirements:
        left[requirement.attribute] = left.get(requirement.attribute, requirement.values) & requirement.values
    return left
