"""All missing sets of a denied case: this package's diagrams, clingo's search, and other engines.

Every peer gets the policy once, and a case by the states of its requirements; what it finds are
sets of requirements. A requirement counts as gained when it is supposed or follows from what is; sets are
compared by what they gain. A peer that knows subsets alone finds too many: they are sorted out after it, in
its time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, combinations
from typing import Any

from benchmarks.peers.rows import CONFLICTING, ESTABLISHED, OPEN, Row, states
from benchmarks.peers.rules import Formula, Kind, Rules

Sets = list[list[str]]


class Problem:
    """A policy as a search for missing sets."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.entailed: defaultdict[int, list[tuple[int, ...]]] = defaultdict(list)
        for requirement, others in rules.entailed:
            self.entailed[requirement].append(others)

    def asked(self, found: Sequence[int]) -> tuple[frozenset[int], frozenset[int]]:
        """Of a case's requirements those that are established, and those that can be asked for."""
        routed = [
            section
            for section in self.rules.sections
            if any(found[requirement] == ESTABLISHED for requirement in section.routes)
        ]
        mentioned = {requirement for section in routed for requirement in section.requirements}
        return (
            frozenset(requirement for requirement, state in enumerate(found) if state == ESTABLISHED),
            frozenset(requirement for requirement in mentioned if found[requirement] == OPEN),
        )

    def cases(self, rows: list[Row]) -> list[tuple[frozenset[int], frozenset[int]]]:
        """The cases of rows."""
        return [self.asked(states(self.rules, row)) for row in rows]

    def enough(self) -> Formula:
        """When some section that the request goes to is met."""
        return ("any", *(self.rules.approves(section) for section in self.rules.sections))

    def closure(self, requirements: Iterable[int], askable: frozenset[int]) -> frozenset[int]:
        """What a set of requirements gains."""
        found = frozenset(requirements)
        more = {
            requirement
            for requirement, ways in self.entailed.items()
            if requirement in askable and any(found.issuperset(way) for way in ways)
        }
        return found | more

    def written(self, closed: frozenset[int], askable: frozenset[int]) -> Iterator[frozenset[int]]:
        """The irredundant sets that gain just these requirements."""
        free = {
            requirement
            for requirement in closed
            if not any(closed.issuperset(way) for way in self.entailed.get(requirement, ()))
        }
        rest = sorted(closed - free)
        if not rest or self.closure(free, askable) == closed:
            yield frozenset(free)
            return
        for more in chain.from_iterable(combinations(rest, size) for size in range(1, len(rest) + 1)):
            chosen = free | set(more)
            if self.closure(chosen, askable) == closed and not any(
                requirement in self.closure(chosen - {requirement}, askable) for requirement in chosen
            ):
                yield frozenset(chosen)

    def consistent(self, requirements: frozenset[int]) -> bool:
        """Whether no requirements of a set exclude one another."""
        return not any(requirements.issuperset(one) for one in self.rules.excluded)

    def told(self, found: Iterable[frozenset[int]]) -> Sets:
        """Sets by their requirements' terms, sorted."""
        terms = [requirement.term for requirement in self.rules.requirements]
        return sorted(sorted(terms[requirement] for requirement in one) for one in found)


class Searching:
    """What all peers have in common."""

    tells = "sets"

    def __init__(self, rules: Rules) -> None:
        self.problem = Problem(rules)

    def prepare(self, rows: list[Row]) -> list[Any]:
        """The states of the requirements that matter."""
        return self.problem.cases(rows)

    def answers(self, cases: list[Any]) -> list[list[frozenset[int]]]:
        """The sets of each case."""
        return [list(self.sets(*case)) for case in cases]

    def sets(self, established: frozenset[int], askable: frozenset[int]) -> Iterable[frozenset[int]]:
        """The sets of one case."""
        raise NotImplementedError

    def told(self, found: list[list[frozenset[int]]]) -> list[Sets]:
        """The sets by their requirements' terms."""
        return [self.problem.told(one) for one in found]


class Z3(Searching):
    """Models made smaller one requirement at a time by checks under assumptions, and blocked."""

    most = 100

    def __init__(self, rules: Rules) -> None:
        import z3

        super().__init__(rules)
        self._z3 = z3
        count = range(len(rules.requirements))
        self._supposed = [z3.Bool(f"s{place}") for place in count]
        self._established = [z3.Bool(f"e{place}") for place in count]
        self._gained = [z3.Bool(f"g{place}") for place in count]
        self._solver = z3.SolverFor("QF_FD")
        for place in count:
            ways = [z3.And([self._supposed[one] for one in way]) for way in self.problem.entailed[place]]
            self._solver.add(self._gained[place] == z3.Or(self._supposed[place], *ways))
        for one in rules.excluded:
            self._solver.add(z3.Not(z3.And([self._supposed[requirement] for requirement in one])))
        self._solver.add(self._expression(self.problem.enough()))

    def _expression(self, formula: Formula) -> Any:
        from benchmarks.peers.rules import fold

        return fold(formula, self._literal, self._z3.And, self._z3.Or)

    def _literal(self, kind: Kind, requirement: int) -> Any:
        assert kind == "holds"
        return self._z3.Or(self._established[requirement], self._gained[requirement])

    def sets(self, established: frozenset[int], askable: frozenset[int]) -> Iterator[frozenset[int]]:
        """The sets of one case; what was blocked for it is taken back."""
        z3, solver = self._z3, self._solver
        solver.push()
        for place in range(len(self._gained)):
            one = self._established[place]
            solver.add(one if place in established else z3.Not(one))
            if place not in askable:
                solver.add(z3.Not(self._supposed[place]))
        while solver.check() == z3.sat:
            closed = self._smallest(askable)
            yield from self.problem.written(closed, askable)
            solver.add(z3.Or([z3.Not(self._gained[requirement]) for requirement in closed]))
        solver.pop()

    def _smallest(self, askable: frozenset[int]) -> frozenset[int]:
        found = self._model(askable)
        for requirement in sorted(found):
            if requirement in found:
                barred = (askable - found) | {requirement}
                without = [self._z3.Not(self._gained[one]) for one in barred]
                if self._solver.check(*without) == self._z3.sat:
                    found = self._model(askable)
        return found

    def _model(self, askable: frozenset[int]) -> frozenset[int]:
        model = self._solver.model()
        return frozenset(one for one in askable if self._z3.is_true(model.eval(self._gained[one])))


class Sat(Searching):
    """The same with a SAT solver of PySAT's that prefers false, its clauses kept for all cases."""

    def __init__(self, rules: Rules) -> None:
        from pysat.solvers import Solver

        super().__init__(rules)
        self._count = len(rules.requirements)
        self._solver = Solver("m22")
        self._last = 3 * self._count
        self._known: dict[Formula, int] = {}
        for place in range(self._count):
            self._gain(place)
        for one in rules.excluded:
            self._solver.add_clause([-self._supposed(requirement) for requirement in one])
        self._solver.add_clause([self._formula(self.problem.enough())])
        self._solver.set_phases([-number for number in range(1, self._last + 1)])

    def _supposed(self, requirement: int) -> int:
        return 1 + requirement

    def _established(self, requirement: int) -> int:
        return 1 + self._count + requirement

    def _gained(self, requirement: int) -> int:
        return 1 + 2 * self._count + requirement

    def _new(self) -> int:
        self._last += 1
        return self._last

    def _gain(self, requirement: int) -> None:
        ways = [self._supposed(requirement)]
        for way in self.problem.entailed[requirement]:
            whole = self._new()
            for one in way:
                self._solver.add_clause([-whole, self._supposed(one)])
            self._solver.add_clause([whole, *(-self._supposed(one) for one in way)])
            ways.append(whole)
        self._solver.add_clause([-self._gained(requirement), *ways])
        for one in ways:
            self._solver.add_clause([-one, self._gained(requirement)])

    def _formula(self, formula: Formula) -> int:
        """A literal that makes the formula hold; nothing asks for the converse."""
        if formula not in self._known:
            word, *rest = formula
            found = self._known[formula] = self._new()
            if word == "all":
                for part in rest:
                    self._solver.add_clause([-found, self._formula(part)])
            elif word == "any":
                self._solver.add_clause([-found, *map(self._formula, rest)])
            else:
                (requirement,) = rest
                self._solver.add_clause([-found, self._established(requirement), self._gained(requirement)])
        return self._known[formula]

    def sets(self, established: frozenset[int], askable: frozenset[int]) -> Iterator[frozenset[int]]:
        """The sets of one case; what was blocked for it holds only under a literal of its own."""
        own = self._new()
        facts = [own]
        for requirement in range(self._count):
            known = self._established(requirement)
            facts.append(known if requirement in established else -known)
            if requirement not in askable:
                facts.append(-self._supposed(requirement))
        solver = self._solver
        while solver.solve(assumptions=facts):
            closed = self._smallest(facts, askable)
            yield from self.problem.written(closed, askable)
            solver.add_clause([-own, *(-self._gained(requirement) for requirement in closed)])
        solver.add_clause([-own])

    def _smallest(self, facts: list[int], askable: frozenset[int]) -> frozenset[int]:
        found = self._model(askable)
        for requirement in sorted(found):
            if requirement in found:
                barred = (askable - found) | {requirement}
                if self._solver.solve(assumptions=facts + [-self._gained(one) for one in barred]):
                    found = self._model(askable)
        return found

    def _model(self, askable: frozenset[int]) -> frozenset[int]:
        model = self._solver.get_model()
        return frozenset(one for one in askable if model[self._gained(one) - 1] > 0)


class _Assumed:
    """A control whose cores are of assumptions alone: the solver counts externals among them."""

    def __init__(self, control: Any) -> None:
        self._control = control
        self.symbolic_atoms = control.symbolic_atoms

    def solve(self, assumptions: list[int], on_core: Any = None, **options: Any) -> Any:
        """Solve, and tell what of a core was assumed."""
        if on_core is None:
            return self._control.solve(assumptions=assumptions, **options)
        assumed = set(assumptions)
        return self._control.solve(
            assumptions=assumptions,
            on_core=lambda core: on_core(assumed.intersection(core)),
            **options,
        )


class ClingExplaid(Searching):
    """Minimal unsatisfiable sets of suppositions against "no section is met", by clingexplaid.

    Its control is grounded once. It knows subsets alone: sets that exclude themselves, or gain more than
    another one does, are sorted out.
    """

    most = 200

    def __init__(self, rules: Rules) -> None:
        import warnings

        from clingexplaid.unsat import SubsetComputer
        from clingo import Control, Function, Number

        super().__init__(rules)
        warnings.simplefilter("ignore")
        self._control = Control(["--warn=none"])
        self._control.add("base", [], program(self.problem) + ":- enough.")
        self._control.ground([("base", [])])
        # Its parts are annotated with clingo's own class, and use what is passed on.
        self._computer = SubsetComputer(_Assumed(self._control), [])
        atoms: Any = self._control.symbolic_atoms
        self._supposed, self._known = (
            [
                atoms[Function(name, [Number(requirement)])].literal
                for requirement in range(len(rules.requirements))
            ]
            for name in ("s", "e")
        )
        self._requirement = {literal: requirement for requirement, literal in enumerate(self._supposed)}

    def sets(self, established: frozenset[int], askable: frozenset[int]) -> Iterator[frozenset[int]]:
        """The sets of one case."""
        for requirement, literal in enumerate(self._known):
            self._control.assign_external(literal, requirement in established)
        assumed = [self._supposed[requirement] for requirement in askable]
        found = [
            frozenset(self._requirement[one.literal] for one in subset.assumptions)
            for subset in self._computer.multiple(assumptions=assumed)
        ]
        consistent = list(filter(self.problem.consistent, found))
        closed = {one: self.problem.closure(one, askable) for one in consistent}
        for one, mine in closed.items():
            if not any(other < mine for other in closed.values()):
                yield one


def program(problem: Problem, live: bool = True) -> str:
    """A logic program: `e` what is established, `s` what is supposed, `g` what that gains."""
    from benchmarks.peers.control import Formulas

    size = len(problem.rules.requirements) - 1
    inputs = f"#external e(0..{size})." if live else "#defined e/1."
    lines = [f"{inputs} requirement(0..{size}). {{ s(C) }} :- requirement(C)."]
    lines.append("g(C) :- s(C). h(C) :- g(C). h(C) :- e(C).")
    for requirement, ways in problem.entailed.items():
        lines += [f"g({requirement}) :- {', '.join(f's({one})' for one in way)}." for way in ways]
    formulas = Formulas(words={"holds": "h({})"})
    lines.append(f"enough :- {formulas.atom(problem.enough())}.")
    return "\n".join([*lines, *formulas.lines])


def _silent(code: object, message: str) -> None:
    """Nothing to prefer in a case is no fault."""


class DomRec(Searching):
    """clingo's enumeration of subset-minimal answers, by a live control with generated rules."""

    fresh = False

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        size = len(rules.requirements) - 1
        excluded = "".join(
            f":- {', '.join(f's({one})' for one in requirements)}." for requirements in rules.excluded
        )
        asked = "#defined a/1." if self.fresh else f"#external a(0..{size})."
        self._text = (
            program(self.problem, not self.fresh)
            + excluded
            + f"{asked} :- not enough. :- s(C), not a(C). gained(C) :- g(C), a(C)."
            + "#heuristic gained(C) : requirement(C). [1,false]"
        )
        self._size = len(rules.requirements)

    @cached_property
    def _live(self) -> tuple[Any, ...]:
        return self._grounded("")

    def _grounded(self, facts: str) -> tuple[Any, ...]:
        from clingo import Control, Function, Number

        options = ["--heuristic=Domain", "--enum-mode=domRec", "--warn=none", "0"]
        control = Control(options, logger=_silent)
        control.add("base", [], self._text + facts)
        control.ground([("base", [])])
        control.enable_cleanup = False
        atoms = control.symbolic_atoms
        literals = [
            {
                requirement: atom.literal
                for requirement in range(self._size)
                if (atom := atoms[Function(name, [Number(requirement)])]) is not None
            }
            for name in ("e", "a", "gained")
        ]
        return control, *literals

    def sets(self, established: frozenset[int], askable: frozenset[int]) -> Iterator[frozenset[int]]:
        """The sets of one case."""
        if self.fresh:
            facts = " ".join(f"e({requirement})." for requirement in established)
            facts += " ".join(f"a({requirement})." for requirement in askable)
            control, _, _, gained = self._grounded(facts)
        else:
            control, known, asked, gained = self._live
            for literals, true in ((known, established), (asked, askable)):
                for requirement, literal in literals.items():
                    control.assign_external(literal, requirement in true)
        watched = [(requirement, gained[requirement]) for requirement in askable if requirement in gained]
        closures: dict[frozenset[int], None] = {}
        with control.solve(yield_=True) as handle:
            for model in handle:
                holds = model.is_true
                closures[frozenset(requirement for requirement, literal in watched if holds(literal))] = None
        for closed in closures:
            yield from self.problem.written(closed, askable)


class FreshDomRec(DomRec):
    """The same with a control of its own for each case."""

    fresh = True
    most = 200


class FreshShipped(Searching):
    """A control of its own for each case with the shipped rules, as text: the yardstick."""

    most = 20

    def __init__(self, rules: Rules, policy: str = "cp_phar_549") -> None:
        from pyclingo_bridge.base.rule_files import engine_program, policy_entry, read_program

        super().__init__(rules)
        files = [*engine_program("missing"), *read_program(policy_entry(policy))]
        self._text = "\n".join(file.text for file in files)

    def prepare(self, rows: list[Row]) -> list[Any]:
        """The states of the requirements as facts."""
        words = {OPEN: "undocumented", ESTABLISHED: "met", CONFLICTING: "conflicting"}
        return [
            (
                " ".join(
                    f"{words[state]}({requirement.term})."
                    for requirement, state in zip(
                        self.problem.rules.requirements,
                        states(self.problem.rules, row),
                        strict=True,
                    )
                    if state in words
                ),
            )
            for row in rows
        ]

    def sets(self, facts: str) -> Iterator[frozenset[int]]:  # type: ignore[override]
        """The sets of one case, a closure written in as many ways as there are told by `written`."""
        from clingo import Control

        number = {requirement.term: place for place, requirement in enumerate(self.problem.rules.requirements)}
        options = ["--heuristic=Domain", "--enum-mode=domRec", "--warn=none", "0"]
        control = Control(options, logger=_silent)
        control.add("base", [], self._text + facts)
        control.ground([("base", [])])
        literals = {
            name: [
                (number[str(atom.symbol.arguments[0])], atom.literal)
                for atom in control.symbolic_atoms.by_signature(name, 1)
            ]
            for name in ("gained", "askable")
        }
        closures: dict[frozenset[int], None] = {}
        askable: frozenset[int] = frozenset()
        with control.solve(yield_=True) as handle:
            for model in handle:
                closed, askable = (
                    frozenset(requirement for requirement, literal in literals[name] if model.is_true(literal))
                    for name in ("gained", "askable")
                )
                closures[closed] = None
        for closed in closures:
            yield from self.problem.written(closed, askable)


class Diagram(Searching):
    """This package's diagrams, from the states of the requirements to every set as a mask of bits."""

    def __init__(self, rules: Rules) -> None:
        from benchmarks.peers.rows import Flattener
        from benchmarks.peers.rules import POLICY
        from pyclingo_bridge import Policy

        super().__init__(rules)
        self._policy = Policy.load(POLICY)
        self._flattener = Flattener(self._policy, rules)

    def prepare(self, rows: list[Row]) -> list[Any]:
        """What was found of the cases."""
        cases = (self._flattener.checked_case(row, str(place)) for place, row in enumerate(rows))
        return [self._policy.assess(case) for case in cases]

    def answers(self, cases: list[Any]) -> list[Any]:
        """The diagrams, each with its masks made."""
        from pyclingo_bridge.questions.missing import MissingSearch

        diagrams = [self._policy.loaded.once(MissingSearch.of).diagram(found) for found in cases]
        return [(diagram, diagram.masks()) for diagram in diagrams]

    def told(self, found: list[Any]) -> list[Sets]:
        """The masks by their requirements' terms."""
        return [sorted(sorted(diagram.names(mask)) for mask in masks) for diagram, masks in found]


class Missing(Diagram):
    """The same through `Policy.missing`: a case goes in, every set with its words comes out."""

    def prepare(self, rows: list[Row]) -> list[Any]:
        """The cases, read and checked."""
        return [self._flattener.checked_case(row, str(place)) for place, row in enumerate(rows)]

    def answers(self, cases: list[Any]) -> list[Any]:
        """The missing sets."""
        return [list(self._policy.missing(case)) for case in cases]

    def told(self, found: list[Any]) -> list[Sets]:
        """By their requirements' terms."""
        return [
            sorted(sorted(requirement.term for requirement in one.requirements) for one in sets)
            for sets in found
        ]
