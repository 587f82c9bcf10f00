"""clingo itself, beside the product: a fresh control a case, a live one, and grounding in chunks.

The rules are the shipped ones, or a program generated from them as for any other peer: one rule for
each `all` and `any`, nothing to search, so that a live control is as fast as one can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from clingo import Control, Function, Number, parse_term

from benchmarks.peers.rows import CONFLICTING, ESTABLISHED, OPEN, REFUTED, Row, states
from benchmarks.peers.rules import Formula, Kind, Rules
from pyclingo_bridge import Policy
from pyclingo_bridge.base.rule_files import engine_program, policy_entry, read_program
from pyclingo_bridge.base.solver import to_symbol

Statuses = dict[str, str]
Answer = str | tuple[str, Statuses]

_WORDS = ("approve", "refer", "deny")
_STATUSES = ("met", "undocumented", "conflicting", "not_met")
_HOLDS: dict[Kind, str] = {
    "holds": "e({})", "hoped": "o({})", "possible": "c({})", "fails": "not c({})",
    "lacks": "not e({})",
}  # fmt: skip


class Formulas:
    """Formulas as rules of a logic program, each of them once.

    Args:
        case: what comes first in each atom, "I," for a program about many cases at once.
        words: a literal for each kind of requirement.
    """

    def __init__(self, case: str = "", words: Mapping[Kind, str] = _HOLDS) -> None:
        self._case = case
        self._words = words
        self._atoms: dict[Formula, str] = {}
        self.lines: list[str] = []

    def _told(self, word: str, *args: object) -> str:
        return f"{word}({self._case}{','.join(map(str, args))})"

    def _rule(self, head: str, body: Sequence[str]) -> str:
        # A variable has to occur in an atom that is not negated.
        safe = ["case(I)"] if self._case else []
        return f"{head} :- {', '.join([*safe, *body])}."

    def atom(self, formula: Formula) -> str:
        """The literal that holds when a formula does; each formula has its rules once."""
        word, *rest = formula
        if word not in ("all", "any"):
            return self._words[word].format(f"{self._case}{rest[0]}")
        parts = [self.atom(part) for part in rest]
        if len(parts) == 1:
            return parts[0]
        key = (word, *parts)
        if key not in self._atoms:
            head = self._atoms[key] = f"x{len(self._atoms)}" + ("(I)" if self._case else "")
            bodies = [parts] if word == "all" else [[part] for part in parts]
            self.lines += [self._rule(head, body) for body in bodies]
        return self._atoms[key]


class Generated(Formulas):
    """A logic program of one policy: `e`, `o` and `c` of a requirement tell its state.

    Args:
        rules: the policy.
        case: what comes first in each atom, "I," for a program about many cases at once.
        statuses: whether to define them beside the outcome.
    """

    def __init__(self, rules: Rules, case: str = "", statuses: bool = True) -> None:
        super().__init__(case)
        approve = [self.atom(rules.approves(section)) for section in rules.sections]
        refer = self.atom(rules.refers())
        self.lines += [self._rule(self._told("outcome", "approve"), [one]) for one in approve]
        approved = "not " + self._told("outcome", "approve")
        self.lines.append(self._rule(self._told("outcome", "refer"), [refer, approved]))
        referred = "not " + self._told("outcome", "refer")
        self.lines.append(self._rule(self._told("outcome", "deny"), [approved, referred]))
        if statuses:
            for place, section in enumerate(rules.sections):
                routed = self.atom(rules.routed(section))
                self.lines.append(self._rule(self._told("routed", place), [routed]))
                for name in section.criteria:
                    self._status(rules, name, routed)

    def _status(self, rules: Rules, name: str, routed: str) -> None:
        kinds: tuple[Kind, ...] = ("holds", "hoped", "possible")
        atoms = [self.atom(rules.reach(name, kind)) for kind in kinds]
        for place, status in enumerate(_STATUSES):
            found = [atoms[place]] if place < len(atoms) else []
            better = [f"not {atoms[place - 1]}"] if place else []
            head = self._told("status", f'"{name}"', status)
            self.lines.append(self._rule(head, [routed, *found, *better]))


def planes(found: Sequence[int]) -> Iterable[tuple[str, int]]:
    """The inputs of the generated program that are true."""
    for requirement, state in enumerate(found):
        for word, least in (("c", CONFLICTING), ("o", OPEN), ("e", ESTABLISHED)):
            if state >= least:
                yield word, requirement


class Fresh:
    """A control of its own for each case, with the shipped rules as text: the yardstick."""

    tells = "statuses"
    most = 20

    def __init__(self, rules: Rules, policy: str = "cp_phar_549") -> None:
        self._rules = rules
        files = [*engine_program("decide"), *read_program(policy_entry(policy))]
        self._text = "\n".join(file.text for file in files)

    def prepare(self, rows: list[Row]) -> list[str]:
        """The states of the requirements as facts."""
        words = {OPEN: "undocumented", ESTABLISHED: "met", CONFLICTING: "conflicting"}
        return [
            " ".join(
                f"{words[state]}({requirement.term})."
                for requirement, state in zip(self._rules.requirements, states(self._rules, row), strict=True)
                if state != REFUTED
            )
            for row in rows
        ]

    def answers(self, cases: list[str]) -> list[Answer]:
        """Outcomes and statuses."""
        return [self._decide(case) for case in cases]

    def _decide(self, facts: str) -> Answer:
        control = Control(["--warn=none"])
        control.add("base", [], self._text)
        control.add("base", [], facts + "#show outcome/1. #show status/2.")
        control.ground([("base", [])])
        with control.solve(yield_=True) as handle:
            symbols: list[Any] = []
            for model in handle:
                symbols = list(model.symbols(shown=True))
        return _read(symbols)


class FreshGenerated(Fresh):
    """A control of its own for each case, with the generated rules."""

    most = 100

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._text = "\n".join(Generated(rules).lines)

    def prepare(self, rows: list[Row]) -> list[str]:
        """The states of the requirements as facts."""
        return [
            " ".join(f"{word}({requirement})." for word, requirement in planes(states(self._rules, row)))
            for row in rows
        ]


def _read(symbols: list[Any]) -> Answer:
    outcome, told = "", {}
    for symbol in symbols:
        if symbol.name == "outcome":
            outcome = symbol.arguments[0].name
        else:
            told[symbol.arguments[0].string] = symbol.arguments[1].name
    return outcome, told


class Live:
    """One control, grounded once, with the generated rules; externals are set for each case."""

    tells = "outcome"
    assumed = False

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        text = "\n".join(Generated(rules, statuses=self.tells == "statuses").lines)
        self._control = self._ground(text)
        self._control.enable_cleanup = False
        atoms = self._control.symbolic_atoms
        self._inputs = {
            (atom.symbol.name, atom.symbol.arguments[0].number): atom.literal
            for name in "eoc"
            for atom in atoms.by_signature(name, 1)
        }
        self._outcomes = [
            (word, literal)
            for word in _WORDS
            if (literal := self._literal(Function("outcome", [Function(word)]))) is not None
        ]
        self._sections = [self._section(place) for place in range(len(rules.sections))]
        self._now: frozenset[int] = frozenset()
        if self.assumed:
            for literal in self._inputs.values():
                self._control.assign_external(literal, None)

    def _ground(self, text: str) -> Control:
        control = Control(["--warn=none"])
        size = len(self._rules.requirements) - 1
        control.add("base", [], text + f"#external e(0..{size}). #external o(0..{size}).")
        control.add("base", [], f"#external c(0..{size}).")
        control.ground([("base", [])])
        return control

    def _literal(self, symbol: Any) -> int | None:
        atom = self._control.symbolic_atoms[symbol]
        return None if atom is None else atom.literal

    def _section(self, place: int) -> tuple[int | None, list[tuple[str, list[tuple[str, int]]]]]:
        criteria = [
            (
                name,
                [
                    (status, literal)
                    for status in _STATUSES
                    if (literal := self._literal(parse_term(f'status("{name}",{status})'))) is not None
                ],
            )
            for name in self._rules.sections[place].criteria
        ]
        return self._literal(Function("routed", [Number(place)])), criteria

    def prepare(self, rows: list[Row]) -> list[Any]:
        """The literals of the inputs: those that are true, or all with their signs."""
        chosen = [set(planes(states(self._rules, row))) for row in rows]
        if self.assumed:
            return [
                [literal if key in true else -literal for key, literal in self._inputs.items()]
                for true in chosen
            ]
        return [frozenset(self._inputs[key] for key in true) for true in chosen]

    def answers(self, cases: list[Any]) -> list[Answer]:
        """Outcomes, and statuses where they are told."""
        return [self._decide(case) for case in cases]

    def _decide(self, case: Any) -> Answer:
        if self.assumed:
            handle = self._control.solve(assumptions=case, yield_=True)
        else:
            for literal in self._now - case:
                self._control.assign_external(literal, False)
            for literal in case - self._now:
                self._control.assign_external(literal, True)
            self._now = case
            handle = self._control.solve(yield_=True)
        with handle:
            model = handle.model()
            assert model is not None
            return self._told(model.is_true)

    def _told(self, holds: Any) -> Answer:
        outcome = next(word for word, literal in self._outcomes if holds(literal))
        if self.tells == "outcome":
            return outcome
        told: Statuses = {}
        for routed, criteria in self._sections:
            if routed is not None and holds(routed):
                for name, literals in criteria:
                    told[name] = next(word for word, literal in literals if holds(literal))
        return outcome, told


class LiveAssumed(Live):
    """The same, the states of the requirements given as assumptions."""

    assumed = True


class LiveStatuses(Live):
    """The same as `Live`, all statuses read by their literals."""

    tells = "statuses"


class LiveShipped(Live):
    """One control, grounded once, with the shipped rules; outcomes alone are read."""

    def __init__(self, rules: Rules, policy: str = "cp_phar_549") -> None:
        self._facts = Policy.load(policy).loaded.facts
        super().__init__(rules)

    def _ground(self, text: str) -> Control:
        control = Control(["--warn=none"])
        with control.backend() as backend:
            for fact in self._facts:
                backend.add_rule([backend.add_atom(to_symbol(fact))])
        files = engine_program("decide")
        control.add("base", [], "\n".join(file.text for file in files))
        control.ground([("base", [])])
        return control

    def prepare(self, rows: list[Row]) -> list[Any]:
        """The literals of the inputs that are true."""
        words = {OPEN: "undocumented", ESTABLISHED: "met", CONFLICTING: "conflicting"}
        literals = [
            {state: self._literal(parse_term(f"{word}({requirement.term})")) for state, word in words.items()}
            for requirement in self._rules.requirements
        ]
        return [
            frozenset(
                literal
                for known, state in zip(literals, states(self._rules, row), strict=True)
                if state != REFUTED and (literal := known[state]) is not None
            )
            for row in rows
        ]

    def _decide(self, case: Any) -> Answer:
        for literal in self._now - case:
            self._control.assign_external(literal, False)
        for literal in case - self._now:
            self._control.assign_external(literal, True)
        self._now = case
        answer: Answer = ""
        with self._control.solve(yield_=True) as handle:
            for model in handle:
                answer = self._told(model.is_true)
        return answer


class Chunks:
    """Many cases at once through the grounder, which decides all of it: statuses in chunks."""

    tells = "statuses"
    chunk = 500

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._text = "\n".join(Generated(rules, "I,", self.tells == "statuses").lines)

    def prepare(self, rows: list[Row]) -> list[str]:
        """The facts of each chunk, as text."""
        found = [states(self._rules, row) for row in rows]
        return [
            " ".join(
                f"case({place})."
                + "".join(f"{word}({place},{requirement})." for word, requirement in planes(one))
                for place, one in enumerate(found[start : start + self.chunk])
            )
            for start in range(0, len(found), self.chunk)
        ]

    def answers(self, chunks: list[str]) -> list[Answer]:
        """The answers, read from the atoms that became facts."""
        return [answer for chunk in chunks for answer in self._ground(chunk)]

    def _ground(self, facts: str) -> list[Answer]:
        control = Control(["--warn=none"])
        control.add("base", [], self._text)
        control.add("base", [], facts)
        control.ground([("base", [])])
        atoms = control.symbolic_atoms
        outcomes: dict[int, str] = {}
        told: dict[int, Statuses] = {}
        for atom in atoms.by_signature("outcome", 2):
            assert atom.is_fact
            case, word = atom.symbol.arguments
            outcomes[case.number] = word.name
        if self.tells == "outcome":
            return [outcomes[case] for case in range(len(outcomes))]
        for atom in atoms.by_signature("status", 3):
            case, name, word = atom.symbol.arguments
            told.setdefault(case.number, {})[name.string] = word.name
        return [(outcomes[case], told.get(case, {})) for case in range(len(outcomes))]


class ChunksOutcome(Chunks):
    """The same, outcomes alone."""

    tells = "outcome"
