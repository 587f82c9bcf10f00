"""From a policy's files to what they say under chosen interpretations, or to what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyclingo_bridge.base.errors import InterpretationError, listing, quoted, suggestion
from pyclingo_bridge.base.spelling import FACT
from pyclingo_bridge.core.facts import UNREAD
from pyclingo_bridge.core.rule_files import RulesFile, engine_program, policy_entry, read_program, shipped
from pyclingo_bridge.core.solver import Program
from pyclingo_bridge.core.structure import SIGNATURES, Structure
from pyclingo_bridge.core.terms import Term, constant, plain
from pyclingo_bridge.core.vocabulary import SIGNATURES as VOCABULARY_SIGNATURES
from pyclingo_bridge.core.vocabulary import Vocabulary
from pyclingo_bridge.loading.arithmetic import refuse_large_numbers
from pyclingo_bridge.loading.authoring import check_sources, policy_complaint, policy_words
from pyclingo_bridge.loading.conclusion_rules import ConclusionNumbers, concluded_from, refuse_conclusions
from pyclingo_bridge.loading.faults import refuse_faults
from pyclingo_bridge.loading.limits import LoadLimits, check_conclusions, check_limits, check_terms, too_deep
from pyclingo_bridge.loading.other_interpretations import refuse_single_interpretations


@dataclass(frozen=True)
class PolicyFacts:
    """What a policy says under chosen interpretations of its wording. Nothing was found wrong with it.

    Attributes:
        files: the rules, the policy's own first.
        interpretations: how each ambiguity is read.
        named: what the rules of a policy that is not shipped name, see `check_sources`.
        facts: what the rules come to, by predicate.
        vocabulary: what a case can state.
        structure: sections, criteria and requirements.
        alternatives: the interpretations of each ambiguity, the default first.
    """

    files: list[RulesFile]
    interpretations: Mapping[str, str]
    named: tuple[Term, ...]
    facts: Mapping[str, list[Term]]
    vocabulary: Vocabulary
    structure: Structure
    alternatives: Mapping[str, list[str]]


def read_policy(
    name_or_folder: str | Path,
    interpretations: Mapping[str, str] | None = None,
    limits: LoadLimits | None = None,
) -> PolicyFacts:
    """What a shipped policy says, by its name, or the one in a folder that holds a `policy.lp`.

    Errors: PolicyError where the policy is missing or wrong, or beyond its limits; InterpretationError for
    an ambiguity or an interpretation that it does not have.
    """
    files = read_program(policy_entry(name_or_folder))
    named = check_sources(files)
    check_limits(files, limits=limits)
    try:
        read = policy_facts(files, interpretations or {}, named)
        check_terms(files, (term for name, _ in policy_words() - UNREAD for term in read.facts[name]))
        if not all(shipped(file.path) for file in files):
            refuse = partial(refuse_interpretations, files, read.named)
            refuse_single_interpretations(read.alternatives, read.interpretations, refuse)
    except RecursionError:
        raise too_deep(files) from None
    check_conclusions(files, read.vocabulary.all)
    return read


def policy_facts(
    files: list[RulesFile], interpretations: Mapping[str, str], named: Iterable[Term] = ()
) -> PolicyFacts:
    """What these files say, which were looked at statement by statement.

    Args:
        files: the rules, the policy's own first.
        interpretations: how to read ambiguities of the wording; the others keep their default.
        named: what the rules name, see `check_sources`; without it faults of wording are not looked for.

    Errors: PolicyError, one line for each fault; InterpretationError for an ambiguity or an interpretation
    that the policy does not have.
    """
    named = tuple(named)
    outline = _outline(files, interpretations, all_named(files, named), bool(named))
    signatures = {*SIGNATURES, *VOCABULARY_SIGNATURES, *(policy_words() - UNREAD)}
    facts = outline.facts(*signatures)
    chosen = _interpretations(facts, interpretations)
    _refuse(outline, files, interpretations, named)
    vocabulary = Vocabulary.from_facts(facts, files, ConclusionNumbers(files))
    structure = Structure(facts, vocabulary)
    refuse_conclusions(files, vocabulary, facts["also_states"])
    return PolicyFacts(files, chosen, named, facts, vocabulary, structure, alternatives_of(facts))


def refuse_interpretations(
    files: list[RulesFile], named: Collection[Term], interpretations: Mapping[str, str]
) -> None:
    """Refuse a policy's files where they are at fault under these interpretations.

    Errors: PolicyError, one line for each fault.
    """
    outline = _outline(files, interpretations, all_named(files, named), bool(named))
    _refuse(outline, files, interpretations, named)


def all_named(files: Iterable[RulesFile], named: Iterable[Term]) -> list[Term]:
    """What a policy's rules name, as facts for the rules that find faults: in bodies, and in conclusions."""
    return [*named, *concluded_from(files)]


def _outline(
    files: Iterable[RulesFile],
    interpretations: Mapping[str, str],
    named: Iterable[Term] = (),
    authored: bool = False,
) -> Program:
    """What the files say whatever the case; if they are `authored`, with what is wrong with their words."""
    engine = [*engine_program("outline"), *(engine_program("authored") if authored else ())]
    return Program([*engine, *files], [*_chosen(interpretations), *named], complain=policy_complaint)


def _refuse(
    outline: Program, files: list[RulesFile], interpretations: Mapping[str, str], named: Collection[Term]
) -> None:
    refuse_large_numbers(files, lambda more: _outline(more, interpretations))
    refuse_faults(outline, files, [*_chosen(interpretations), *all_named(files, named)])


def _chosen(interpretations: Mapping[str, str]) -> list[Term]:
    # What is no plain name can be no interpretation either: as a text it matches none, and is refused below.
    chosen = [(str(name), str(value)) for name, value in interpretations.items()]
    return [
        Term(
            "chosen_interpretation",
            tuple(constant(word) if word.isidentifier() and word.isascii() else "" for word in pair),
        )
        for pair in chosen
    ]


def alternatives_of(facts: Mapping[str, list[Term]]) -> dict[str, list[str]]:
    """The interpretations of each ambiguity of the wording, the default first."""
    default = {term.args[0]: term.args[1] for term in facts["default_interpretation"]}
    found: dict[str, list[str]] = {}
    for name, value, _ in (term.args for term in facts["alternative"]):
        place = 0 if default.get(name) == value else len(found.get(str(plain(name)), []))
        found.setdefault(str(plain(name)), []).insert(place, str(plain(value)))
    return dict(sorted(found.items()))


def _interpretations(facts: Mapping[str, list[Term]], chosen: Mapping[str, str]) -> dict[str, str]:
    """The interpretation of each ambiguity in force.

    Errors: InterpretationError for an ambiguity or an interpretation that the policy does not have.
    """
    known = alternatives_of(facts)
    for name, value in chosen.items():
        if not isinstance(value, str):
            raise InterpretationError(f"the interpretation of {quoted(name)} is a name, not {quoted(value)}")
        if name not in known:
            raise InterpretationError(
                f"no ambiguity {quoted(name)}{suggestion(name, known, FACT)} "
                f"(known: {listing(known) or 'none'})"
            )
        if value not in known[name]:
            hint = suggestion(value, known[name], FACT)
            raise InterpretationError(
                f"{quoted(name)} has no interpretation {quoted(value)}{hint} (known: {listing(known[name])})"
            )
    default = {str(plain(term.args[0])): str(plain(term.args[1])) for term in facts["default_interpretation"]}
    return dict(sorted({**default, **chosen}.items()))
