"""What a policy's own rules must not do, which shows only in what they calculate, or draw conclusions from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from pyclingo_bridge.base.errors import PolicyError
from pyclingo_bridge.core.conclusions import ENTRY, drawing_conclusions
from pyclingo_bridge.core.rule_files import RulesFile, shipped
from pyclingo_bridge.core.solver import Program, evaluate
from pyclingo_bridge.core.terms import Term, Value, constant, plain
from pyclingo_bridge.core.vocabulary import Vocabulary
from pyclingo_bridge.loading.arithmetic import Overflow, calculations
from pyclingo_bridge.loading.authoring import policy_complaint
from pyclingo_bridge.loading.conclusion_rules import ANYTHING, drawing_of

LISTS = ("list", "drugs")
"""The domains of attributes of which a value is a list."""

Ground = Callable[[Iterable[RulesFile]], Program]


def refuse_large_numbers(files: Sequence[RulesFile], ground: Ground) -> None:
    """Refuse rules that count further than the solver can: whatever else they come to is doubtful.

    Rules that come with this package are held by its tests, and those that draw conclusions are
    looked at by `refuse_own_rules`.

    Args:
        files: the policy's files, which parse.
        ground: grounds these files, some probes among them, with the rules on policies.

    Errors: PolicyError, naming the file and the line of each fault.
    """
    drawing = {file.path for file in drawing_conclusions(files)}
    own = (file for file in files if not shipped(file.path))
    found = calculations(tuple(file for file in own if file.path not in drawing))
    if found:
        told = ground([*files, found.probes]).facts(*found.signatures)
        beyond = [one for one in found.beyond(told) if isinstance(one, Overflow)]
        _refuse([("too_large", str(one)) for one in beyond])


def _refuse(faults: Sequence[tuple[str, str]]) -> None:
    if faults:
        raise PolicyError.of(faults)


def refuse_own_rules(files: Iterable[RulesFile], vocabulary: Vocabulary, implied: Iterable[Term]) -> None:
    """Refuse conclusions that count further than the solver can, or that no engine draws alike.

    Rules that come with this package are held by its tests, and cost nothing here.

    Args:
        files: the policy's files, which parse.
        vocabulary: tells what is a detail.
        implied: the facts `also_states`.

    Errors: PolicyError, naming the file and the line of each fault.
    """
    own = [file for file in files if not shipped(file.path)]
    faults = list(_faults(own, list(files), vocabulary)) if own else []
    drawing = tuple(drawing_conclusions(files))
    if any(file.path.name == ENTRY for file in own):
        faults += _into_lists(drawing, vocabulary, implied)
    _refuse(faults)
    if any(file in own for file in drawing):
        # By itself, as it runs for a case: what the solver says of it then would end each decision.
        evaluate(drawing, [], [], policy_complaint)


def concluded_from(files: Iterable[RulesFile]) -> list[Term]:
    """What conclusions rest on, as the rules take it, read from a policy's own rules.

    A shipped vocabulary tells it itself, so that plain clingo knows too.
    """
    files = list(files)
    if not any(file.path.name == ENTRY and not shipped(file.path) for file in files):
        return []
    ways: dict[tuple[str, str | None], int] = {}
    found: list[Term] = []
    for one in drawing_of(tuple(drawing_conclusions(files))).conclusions:
        if one.attribute is None or ANYTHING in one.needs:
            continue
        key = (one.attribute, one.value)
        ways[key] = ways.get(key, 0) + 1
        way = (constant(one.attribute), _value(one.value), ways[key])
        found += [Term("concluded_from", (*way, constant(name))) for name in sorted(one.needs)]
    return found


def _value(told: str | None) -> Value:
    if told is None:
        return constant("any")
    return int(told) if told.lstrip("-").isdigit() else constant(told)


def _faults(own: list[RulesFile], files: list[RulesFile], vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    drawing = tuple(drawing_conclusions(files))
    places = {file.path for file in drawing}
    if any(file.path in places for file in own):
        for fault in drawing_of(drawing).faults(vocabulary.details):
            yield fault.kind, f"{fault.where}: {fault.text}"
        for beyond in calculations(drawing).always_beyond:
            yield "too_large", str(beyond)
        for undefined in calculations(drawing).never_defined:
            yield "undefined_operation", str(undefined)


def _into_lists(
    drawing: tuple[RulesFile, ...], vocabulary: Vocabulary, implied: Iterable[Term]
) -> Iterator[tuple[str, str]]:
    """Two conclusions on one attribute would be two documents on the list, each of which lacks a member."""
    pairs = {(str(plain(term.args[0])), str(plain(term.args[2]))) for term in implied}
    attributes = vocabulary.attributes
    for name, listed in sorted(pairs):
        if {name, listed} <= attributes.keys() and name in drawing_of(drawing).concluded:
            domains = attributes[name].domain, attributes[listed].domain
            adds_up = attributes[listed].kind == "cumulative"
            if domains[0] not in LISTS and domains[1] in LISTS and not adds_up:
                text = (
                    f"`{name}` is concluded, and also states the list `{listed}`: conclude the list's "
                    "members beside it instead"
                )
                yield "speaks_for_list", text
