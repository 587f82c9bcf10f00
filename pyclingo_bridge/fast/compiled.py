"""The compiled policy: made from the ground decision program, and what is asked of it by name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

from pyclingo_bridge.base.rule_files import engine_program
from pyclingo_bridge.base.solver import Build, Signature, ground
from pyclingo_bridge.base.terms import Term, Value
from pyclingo_bridge.core.assessment import VERDICT
from pyclingo_bridge.fast.circuit import FALSE, TRUE, Circuit, Look
from pyclingo_bridge.fast.compiler import CompileError, circuit_of

ASKED: tuple[Signature, ...] = (*VERDICT, ("met", 2), ("reach", 2), ("high", 1), ("low", 1))
"""What can be asked of a compiled policy about a case."""

_MOST_WAYS = 1_024
"""In how many ways the requirements beneath one criterion may be true together."""


@dataclass(frozen=True)
class CompiledPolicy:
    """A policy's decision rules as a circuit.

    Attributes:
        circuit: the circuit.
        atoms: the literal of each atom of `ASKED`; one that is not there never holds.
        facts: what holds of the policy in every case, of the signatures that were asked for.
    """

    circuit: Circuit
    atoms: Mapping[Term, int]
    facts: Sequence[Term]

    @classmethod
    def of(cls, build: Build, facts: Iterable[Term], more: Iterable[Signature] = ()) -> CompiledPolicy:
        """Compile a policy.

        Args:
            build: grounds a program with the policy's rules.
            facts: the facts that the policy came to.
            more: signatures of what else to keep of the policy, which no case changes.

        Errors: CompileError where a rule is of a kind that no circuit can be made of.
        """
        program = ground(engine_program("compiled"), [*facts, *_largest(build)])
        signatures = set(more)
        circuit, literals = circuit_of(program, [*ASKED, *signatures])
        kept = {term for term in literals if (term.name, len(term.args)) in signatures}
        for term in kept:
            if literals[term] != TRUE:
                raise CompileError(f"`{term}` should follow from the policy alone")
        atoms = {term: literal for term, literal in literals.items() if term not in kept}
        return cls(circuit, atoms, sorted(kept, key=str))

    def fits(self, facts: Iterable[Term], more: Iterable[Signature]) -> bool:
        """Whether this can have been compiled from these facts, as `of` takes them.

        A circuit that was kept is held to it: it has outcomes, every requirement that it looks at is one of the
        policy's, and the policy's facts are there.
        """
        asked = set(more)
        kept = set(self.facts)
        requirements = {fact.args[0] for fact in kept if (fact.name, len(fact.args)) == ("canonical", 1)}
        looked = {node.requirement for node in self.circuit.nodes if isinstance(node, Look)}
        return (
            any(atom.name == "outcome" for atom in self.atoms)
            and {(atom.name, len(atom.args)) for atom in self.atoms} <= set(ASKED)
            and {(fact.name, len(fact.args)) for fact in kept} <= asked
            and kept.issuperset(fact for fact in facts if (fact.name, len(fact.args)) in asked)
            and looked <= requirements
        )

    @cached_property
    def _tables(self) -> dict[str, dict[tuple[Value, ...], int]]:
        tables: defaultdict[str, dict[tuple[Value, ...], int]] = defaultdict(dict)
        for atom, literal in self.atoms.items():
            tables[atom.name][atom.args] = literal
        return tables

    def table(self, name: str) -> dict[tuple[Value, ...], int]:
        """The literals of a predicate's atoms, by their arguments, without those that never hold."""
        return {args: literal for args, literal in self._tables[name].items() if literal != FALSE}

    def literal(self, name: str, *args: Value) -> int:
        """The literal of an atom."""
        return self._tables[name].get(args, FALSE)


def _largest(build: Build) -> list[Term]:
    """Of each attribute that a criterion is contested by, the largest sets of requirements, numbered."""
    program = build("together", ["--heuristic=Domain"])
    watched = program.watch(("divides", 2), ("together", 3))
    if not watched:
        return []
    largest: list[Term] = []
    numbers: Counter[tuple[Value, ...]] = Counter()
    answers = program.answers(set(), watched, minimal=True)
    for answer in sorted(answers, key=lambda answer: sorted(map(str, answer))):
        (divides,) = (term for term in answer if term.name == "divides")
        numbers[divides.args] += 1
        place = (*divides.args, numbers[divides.args])
        largest.append(Term("largest", place))
        largest += [Term("in_largest", (*place, term.args[2])) for term in answer if term.name == "together"]
    _refuse_many(numbers)
    return largest


def _refuse_many(numbers: Mapping[tuple[Value, ...], int]) -> None:
    ways: defaultdict[Value, list[int]] = defaultdict(list)
    for (criterion, _), number in numbers.items():
        ways[criterion].append(number)
    for criterion, counts in ways.items():
        if prod(counts) > _MOST_WAYS:
            raise CompileError(
                f"the rules cannot be compiled: the requirements beneath `{criterion}` can be true "
                f"together in {prod(counts)} ways (at most {_MOST_WAYS})"
            )
