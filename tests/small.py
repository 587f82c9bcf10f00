"""Small policies made at random, and brute force over all that their cases can be.

An oracle of its own: claims are the sets of values they are true of, and every question is
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


class Claim(NamedTuple):
    """An attribute, and the values of it that make the claim true."""

    attribute: str
    values: frozenset[Any]

    def complement(self) -> Claim:
        return Claim(self.attribute, frozenset(DOMAINS[self.attribute]) - self.values)

    @property
    def rising(self) -> bool:
        """Whether a list that holds more makes it no less true."""
        return all(
            more in self.values
            for less in self.values
            for more in DOMAINS[self.attribute]
            if less <= more
        )


def claim_of(term: str) -> Claim:
    """The claim that a term of the rules means."""
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
    return Claim(attribute, frozenset(v for v in DOMAINS[attribute] if tests[name](v)))


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
    """A policy as data: for each criterion its needs, alternatives and excuses (claims or ids).

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
            for word, table in (("all_of", self.needs), ("any_of", self.offers)):
                lines += [f'{word}("{name}", {_item(item)}).' for item in table[name]]
            lines += [f'unless("{name}", {term}).' for term in self.unless[name]]
            lines += [f'only_if("{name}", {term}).' for term in self.only_if[name]]
        (folder / "policy.lp").write_text("\n".join(lines) + "\n")
        return folder

    def claims(self) -> set[Claim]:
        """Every claim that the sections' rules mention."""
        found = set()
        for name in self.needs:
            found |= {
                claim_of(item) for item in (*self.needs[name], *self.offers[name]) if "(" in item
            }
            found |= {claim_of(term) for term in self.unless[name]}
            found |= {claim_of(term).complement() for term in self.only_if[name]}
        return found

    def met(self, name: str, holding: frozenset[Claim]) -> bool:
        """Whether a criterion or claim is met when exactly these claims hold."""
        if "(" in name:
            return claim_of(name) in holding
        if any(claim_of(term) in holding for term in self.unless[name]):
            return True
        if any(claim_of(term).complement() in holding for term in self.only_if[name]):
            return True
        offered = not self.offers[name] or any(
            self.met(item, holding) for item in self.offers[name]
        )
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
        {word.lower() if word.lower() in "uvws" else UNKNOWN for word in value}
        if name in "h given"
        else value
    )
    return frozenset(word for word in words if not (name == "given" and word == "s"))


def state(claim: Claim, case: dict[str, Any]) -> str:
    """established, open, conflicting or refuted."""
    if KINDS.get(claim.attribute) == "request":
        value = heard(claim.attribute, requested(case, claim.attribute))
        return "established" if value in claim.values else "refuted"
    told = [entry for entry in case["documents"] if claim.attribute in entry["states"]]
    kind = KINDS.get(claim.attribute, "stable")
    if kind == "latest" and told:
        last = max(entry["date"] for entry in told)
        told = [entry for entry in told if entry["date"] == last]
    effects = (
        _listed(claim, told, kind)
        if kind in ("cumulative", "history")
        else {
            heard(claim.attribute, entry["states"][claim.attribute]) in claim.values
            for entry in told
        }
    )
    return {
        frozenset(): "open",
        frozenset({True}): "established",
        frozenset({False}): "refuted",
    }.get(frozenset(effects), "conflicting")


def _listed(claim: Claim, told: list[dict[str, Any]], kind: str) -> set[bool]:
    """The effects of lists on a claim: a falling claim is the mirror image of its complement."""
    rising = claim if claim.rising else claim.complement()
    lists = [heard(claim.attribute, entry["states"][claim.attribute]) for entry in told]
    supported = any(value in rising.values for value in lists)
    if kind == "cumulative":
        effects = {supported} if told else set()
    else:
        silent = any(
            is_whole(entry, told) and value not in rising.values
            for entry, value in zip(told, lists, strict=True)
        )
        effects = ({True} if supported else set()) | ({False} if silent else set())
    return effects if claim.rising else {not effect for effect in effects}


def is_whole(entry: dict[str, Any], told: list[dict[str, Any]]) -> bool:
    """Whether an entry's history, out of those told, leaves nothing out."""
    own = {word.lower() for word in entry["states"]["h"]}
    later = [other for other in told if other["date"] > entry["date"]]
    known = all(word.lower() in "uvws" for other in told for word in other["states"]["h"])
    said = bool(entry["states"].get("all_told"))
    return (
        said
        and known
        and all(word.lower() in own for other in later for word in other["states"]["h"])
    )


def _worlds(claims: Iterable[Claim]) -> Iterator[frozenset[Claim]]:
    """Every greatest set of these claims that single values satisfy."""
    by_attribute: dict[str, set[Claim]] = {}
    for claim in claims:
        by_attribute.setdefault(claim.attribute, set()).add(claim)
    choices = [
        {frozenset(claim for claim in group if value in claim.values) for value in DOMAINS[name]}
        for name, group in by_attribute.items()
    ]
    for chosen in itertools.product(*choices):
        yield frozenset().union(*chosen)


def statuses(made: Small, case: dict[str, Any]) -> dict[str, str]:
    """Every criterion's status, by trying every world."""
    states = {claim: state(claim, case) for claim in made.claims()}
    sure = frozenset(claim for claim, how in states.items() if how == "established")
    opened = [sure | world for world in _worlds(c for c, how in states.items() if how == "open")]
    doubted = [
        sure | world
        for world in _worlds(c for c, how in states.items() if how in ("open", "conflicting"))
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
        if all(state(claim_of(term), case) != "refuted" for term in made.uses[section])
    ]
    if not addressed:
        return "refer", None
    kinds = {
        "undocumented": "insufficient_documentation",
        "conflicting": "conflicting_documentation",
    }
    return "deny", next(
        (kind for word, kind in kinds.items() if word in status), "criteria_not_met"
    )


def missing(made: Small, case: dict[str, Any]) -> set[frozenset[Claim]]:
    """Every missing set, by trying every set of open claims."""
    if outcome(made, case)[0] != "deny":
        return set()
    states = {claim: state(claim, case) for claim in made.claims()}
    sure = frozenset(claim for claim, how in states.items() if how == "established")
    open_claims = sorted((claim for claim, how in states.items() if how == "open"), key=repr)
    enough: dict[frozenset[Claim], frozenset[Claim]] = {}
    for size in range(len(open_claims) + 1):
        for chosen in itertools.combinations(open_claims, size):
            holding = frozenset(chosen)
            if consistent(holding):
                closed = entailed(holding, made.claims())
                if any(made.met(section, sure | closed) for section in made.sections):
                    enough[holding] = closed
    return {
        chosen
        for chosen, closed in enough.items()
        if not any(claim in entailed(chosen - {claim}, {claim}) for claim in chosen)
        and not any(other <= closed and not chosen <= theirs for other, theirs in enough.items())
    }


def consistent(claims: frozenset[Claim]) -> bool:
    """Whether for each attribute some single value satisfies all its claims."""
    return all(values for _, values in _left(claims).items())


def entailed(claims: frozenset[Claim], among: Iterable[Claim]) -> frozenset[Claim]:
    """The claims that are true of every value that satisfies these."""
    left = _left(claims)
    return frozenset(c for c in among if c.attribute in left and left[c.attribute] <= c.values)


def _left(claims: Iterable[Claim]) -> dict[str, frozenset[Any]]:
    left: dict[str, frozenset[Any]] = {}
    for claim in claims:
        left[claim.attribute] = left.get(claim.attribute, claim.values) & claim.values
    return left
