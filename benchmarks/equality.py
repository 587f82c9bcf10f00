"""Holds the compiled policy to clingo: every status, on random states of requirements and on all there are.

    python -m benchmarks.equality [--rows N] [--bound N] [--seed N] [--processes N] [POLICY...]

Random rows: documented requirements are put into any of their four states, one as likely as another or with a
leaning, contradictory combinations among them; the request form is a random one. A live control with
the shipped rules is asked row by row, its answers read by literals; the compiled policy takes
the rows as a batch. Outcome, kind of denial, section, months, target and every status have to agree.

Exhaustion: for each section, all states of all documented requirements beneath it with all request forms,
where that is no more than the bound. clingo tells for *every* set of requirements which criteria that set
meets. What a status is follows from that by definition (three sets of requirements, and for requirements that
exclude one another every largest consistent choice), and is compared point by point. Criteria of
few points are asked of clingo in all four states as well, with nothing taken for granted.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from multiprocessing import get_context
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np

from benchmarks.peers.reading import Reader, read_facts
from benchmarks.peers.rows import CONFLICTING, ESTABLISHED, OPEN, REFUTED
from pyclingo_bridge import Policy
from pyclingo_bridge.base.solver import Holds
from pyclingo_bridge.base.terms import Term, Value, constant, plain, written
from pyclingo_bridge.fast import compiled_policy
from pyclingo_bridge.fast.code import integer_code
from pyclingo_bridge.fast.columns.compiled_answers import AnswerBits, AnswerCode, CompiledAnswers, KnownStatuses

ROWS, BOUND, FOUR_STATES = 1_000_000, 10**8, 4**6
_PART = 10_000
_LOW = 9
"""Requirements whose states change from row to row of a chunk; 4 ** 9 rows. Others change between chunks."""

Array: TypeAlias = Any
"""One of NumPy's arrays."""

NONE = -1
OUTCOMES = ("approve", "deny", "refer")
KINDS = ("insufficient_documentation", "conflicting_documentation", "criteria_not_met")
STATUSES = ("not_met", "conflicting", "undocumented", "met")
_WORDS = {ESTABLISHED: "met", OPEN: "undocumented", CONFLICTING: "conflicting"}


class States(NamedTuple):
    """Rows of states: by requirement a state for each row; by attribute the place of the requested value.

    Attributes:
        requirements: by requirement's text, an array of `REFUTED`, `CONFLICTING`, `OPEN`, `ESTABLISHED`.
        requested: by attribute that durations look at, the value asked for; `NONE` where there is none.
    """

    requirements: dict[str, Array]
    requested: dict[str, Array]

    def __len__(self) -> int:
        return len(next(iter(self.requirements.values())))


Answers: TypeAlias = Mapping[str, Array]
"""By column a number for each row, `NONE` where there is no value: `outcome` and `denial_kind` by
`OUTCOMES` and `KINDS`, `section` by the policy's order, `approval_months`, `refer_to` by the targets'
sorted texts, and `status ID` by `STATUSES`, where the criterion's section is routed."""


# --- The policy, as far as states of requirements go ----------------------------------------------------


@dataclass(frozen=True)
class Section:
    """A section's part in the exhaustion.

    Attributes:
        name: the section, or a criterion of it.
        route: the requirement that routes requests to it.
        documented: the requirements beneath it that documents state.
        forms: each request form there can be, as the requested requirements that are true.
        criteria: the criteria beneath it, each with its ways to be consistent: the documented
            requirements to leave out of hope, as bits of their places; one way without any where none
            exclude one another.
    """

    name: str
    route: str
    documented: tuple[str, ...]
    forms: tuple[frozenset[str], ...]
    criteria: dict[str, tuple[int, ...]]

    @property
    def points(self) -> int:
        """How many points there are."""
        return int(4 ** len(self.documented) * len(self.forms))


class Space:
    """The requirements of a policy, and what states they can be in."""

    def __init__(self, policy: Policy, name: str) -> None:
        self.policy = policy
        reader = self._reader = Reader(read_facts(name))
        self.requirements = [str(requirement) for requirement in reader.requirements]
        self._terms = dict(zip(self.requirements, reader.requirements, strict=True))
        self.asked = {
            attribute: [
                requirement for requirement in self.requirements if self._about(requirement) == attribute
            ]
            for attribute, kind in reader.kind.items()
            if kind == "request" and attribute in reader.on.values()
        }
        self.documented = [
            requirement for requirement in self.requirements if self._about(requirement) not in self.asked
        ]
        self.routes = {
            str(plain(section)): str(reader.same[requirement]) for section, requirement in reader.facts["route"]
        }
        self.targets = sorted({str(plain(term.args[2])) for term in policy.structure.facts["referral"]})
        self.sections = [str(plain(section)) for section in policy.structure.sections]

    def _about(self, requirement: str) -> str:
        return self._reader.on[self._terms[requirement]]

    def forms(self, attribute: str, requirements: Sequence[str]) -> list[frozenset[str]]:
        """The ways in which a value of a request attribute can make some requirements true."""
        reader = self._reader
        terms = {requirement: self._terms[requirement] for requirement in requirements}
        if attribute not in reader.lists:
            values = reader.probes[attribute]
            found = {
                frozenset(c for c, term in terms.items() if value in reader.true_of.get(term, ()))
                for value in values
            }
            return sorted(found, key=sorted)
        named = {
            value
            for term in terms.values()
            for table in (reader.demands, reader.forbids)
            for value in table.get(term, set())
            if len(table[term]) < len(reader.elements[attribute])
        }
        more = sorted(reader.elements[attribute] - named, key=str)[:1]
        members = [*sorted(named, key=str), *more]
        lists = (
            {value for value, there in zip(members, chosen, strict=True) if there}
            for chosen in product((False, True), repeat=len(members))
        )
        found = {frozenset(c for c, term in terms.items() if self._true_of(term, held)) for held in lists}
        return sorted(found, key=sorted)

    def _true_of(self, term: Value, held: set[Value]) -> bool:
        reader = self._reader
        if term in reader.positive:
            return bool(reader.demands.get(term, set()) & held)
        return not reader.forbids.get(term, set()) & held

    def section(self, name: str, criterion: str = "") -> Section:
        """A section for the exhaustion, or one criterion of it; requests go to it in every form."""
        reader, structure = self._reader, self.policy.structure
        beneath = {str(item) for item in structure.beneath[criterion or name]}
        requirements = [requirement for requirement in self.requirements if requirement in beneath]
        documented = tuple(requirement for requirement in requirements if requirement in set(self.documented))
        attributes = sorted({self._about(requirement) for requirement in requirements} & set(self.asked))
        ways = (
            self.forms(
                attribute,
                [requirement for requirement in requirements if self._about(requirement) == attribute],
            )
            for attribute in attributes
        )
        forms = tuple(frozenset().union(*chosen) for chosen in product(*ways))
        places = {requirement: place for place, requirement in enumerate(documented)}
        criteria = {
            one: tuple(
                sum(1 << places[str(reader.requirements[requirement])] for requirement in left_out)
                for left_out in list(reader.worlds(one)) or ((),)
            )
            for one in ([criterion] if criterion else structure.criteria_of([name]))
        }
        return Section(criterion or name, self.routes[name], documented, forms, criteria)

    def random(self, rows: int, seed: int) -> States:
        """Random rows; a third of them leans towards each of approval, more documents, contradiction."""
        rng = np.random.default_rng(seed)
        leanings = np.array(
            [[1, 1, 1, 1], [1, 1, 4, 14], [1, 1, 1, 40], [1, 5, 5, 9], [0, 0, 1, 9], [8, 1, 1, 10]]
        )
        cumulated = np.cumsum(leanings / leanings.sum(1, keepdims=True), 1)
        chosen = cumulated[rng.integers(len(leanings), size=rows)]
        requirements: dict[str, Array] = {}
        for requirement in self.documented:
            drawn = rng.random(rows)
            requirements[requirement] = (drawn[:, None] >= chosen[:, :3]).sum(1).astype(np.uint8)
        for attribute, about in self.asked.items():
            forms = self.forms(attribute, about)
            which = rng.integers(len(forms), size=rows)
            for requirement in about:
                true = np.array([requirement in form for form in forms])
                requirements[requirement] = np.where(true[which], ESTABLISHED, REFUTED).astype(np.uint8)
        requested = {
            attribute: np.array([NONE, *values])[rng.integers(len(values) + 1, size=rows)]
            for attribute, values in self.amounts().items()
        }
        return States({requirement: requirements[requirement] for requirement in self.requirements}, requested)

    def amounts(self) -> dict[str, list[int]]:
        """The values of the request form that durations tell apart, by attribute."""
        found: dict[str, list[int]] = {}
        for term in self.policy.loaded.program("decide").watch(("value", 3)):
            attribute, value = term.args[1:]
            assert isinstance(value, int)
            found.setdefault(str(plain(attribute)), []).append(value)
        return {attribute: sorted(values) for attribute, values in found.items()}


# --- clingo's side --------------------------------------------------------------------------------


class Live:
    """A live control with the shipped rules, asked row by row."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self._program = space.policy.loaded.program("decide")
        watched = self._program.watch
        self._read = {
            "outcome": self._table(watched(("outcome", 1)), lambda args: OUTCOMES.index(str(args[0]))),
            "denial_kind": self._table(watched(("denial_kind", 1)), lambda args: KINDS.index(str(args[0]))),
            "section": self._table(
                watched(("approved_section", 1)),
                lambda args: space.sections.index(str(plain(args[0]))),
            ),
            "refer_to": self._table(
                watched(("referred", 2)), lambda args: space.targets.index(str(plain(args[1])))
            ),
        }
        self._months = [(term.args, literal) for term, literal in watched(("months", 2)).items()]
        self._standing: dict[str, list[tuple[int, int]]] = {}
        for term, literal in watched(("standing", 2)).items():
            status = STATUSES.index(str(term.args[1]))
            name = term.args[0] if isinstance(term.args[0], str) else written(term.args[0])
            self._standing.setdefault(name, []).append((status, literal))
        structure = space.policy.structure
        self._criteria = {
            name: [section for section in space.sections if name in structure.criteria_of([section])]
            for name in structure.criteria_of(structure.sections)
        }
        self._routed = {str(plain(term.args[0])): literal for term, literal in watched(("routed", 1)).items()}

    @staticmethod
    def _table(atoms: dict[Term, int], number: Callable[[tuple[Value, ...]], int]) -> list[tuple[int, int]]:
        return [(number(term.args), literal) for term, literal in atoms.items()]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are compared."""
        return (*self._read, "approval_months", *(f"status {name}" for name in self._criteria))

    def answers(self, states: States) -> Answers:
        """What the rules make of each row."""
        found = np.full((len(self.columns), len(states)), NONE, np.int16)
        for row in range(len(states)):
            told = self._program.read(self._inputs(states, row), self._row)
            assert told is not None
            found[:, row] = told
        return dict(zip(self.columns, found, strict=True))

    def _inputs(self, states: States, row: int) -> set[Term]:
        terms = self.space._terms
        inputs = {
            Term(_WORDS[int(column[row])], (terms[requirement],))
            for requirement, column in states.requirements.items()
            if column[row] != REFUTED
        }
        for attribute, column in states.requested.items():
            if column[row] != NONE:
                value = (constant("request"), constant(attribute), int(column[row]))
                inputs.add(Term("value", value))
        return inputs

    def _row(self, holds: Holds) -> list[int]:
        def first(table: list[tuple[int, int]]) -> int:
            return next((number for number, literal in table if holds(literal)), NONE)

        told = [first(table) for table in self._read.values()]
        months = NONE
        if told[2] != NONE:
            name = self.space.sections[told[2]]
            granted = [args[1] for args, one in self._months if plain(args[0]) == name and holds(one)]
            months = int(str(granted[-1])) if granted else NONE
        routed = {name for name, literal in self._routed.items() if holds(literal)}
        statuses = (
            first(self._standing[name]) if routed.intersection(sections) else NONE
            for name, sections in self._criteria.items()
        )
        return [*told, months, *statuses]

    def met(self, section: Section) -> dict[str, Array]:
        """For each criterion, by request form and set of documented requirements, whether the set meets it."""
        route = self.space._terms[section.route]
        size = 1 << len(section.documented)
        names = list(section.criteria)
        literals = [
            next((one for number, one in self._standing[name] if STATUSES[number] == "met"), None)
            for name in names
        ]
        found = np.zeros((len(names), len(section.forms), size), bool)
        for place, form in enumerate(section.forms):
            always = {Term("met", (self.space._terms[requirement],)) for requirement in form}
            always.add(Term("met", (route,)))
            for chosen in range(size):
                inputs = always | {
                    Term("met", (self.space._terms[requirement],))
                    for bit, requirement in enumerate(section.documented)
                    if chosen >> bit & 1
                }
                told = self._program.read(
                    inputs, lambda holds: [one is not None and holds(one) for one in literals]
                )
                assert told is not None
                found[:, place, chosen] = told
        return dict(zip(names, found, strict=True))


# --- The compiled side ----------------------------------------------------------------------------


class Side(Protocol):
    """Answers rows of states."""

    def answers(self, states: States, wanted: Sequence[str]) -> Answers:
        """The columns that are wanted."""
        ...


class CompiledSide:
    """The compiled policy, asked for all rows at once: the one place that knows its interface."""

    def __init__(self, space: Space) -> None:
        self._space = space
        policy = space.policy
        self._results = CompiledAnswers(policy.loaded.once(compiled_policy), policy.structure)
        told = (*self._results.decided(), *self._results.statuses())
        self._columns = {column.name: column for column in told}
        self._judged = lru_cache(maxsize=1_000)(self._code)

    def _code(self, wanted: tuple[str, ...]) -> AnswerCode:
        return self._results.code(tuple(self._columns[name] for name in wanted), KnownStatuses())

    def answers(self, states: States, wanted: Sequence[str]) -> Answers:
        """The columns that are wanted."""
        judged = self._judged(tuple(wanted))
        rows = len(states)
        words = [_word(self._plane(states, atom)) for atom in judged.inputs]
        found = judged.by_column(integer_code(judged.steps).run(words, 0, (1 << rows) - 1))
        return {bits.column.name: self._numbers(bits, rows) for bits in found}

    def _plane(self, states: States, atom: Term) -> Array:
        """In which rows an input holds."""
        if atom.name == "value":
            _, attribute, value = atom.args
            return states.requested[str(plain(attribute))] == value
        column = states.requirements[str(atom.args[0])]
        other = ESTABLISHED if atom.name == "supported" else REFUTED
        return (column == CONFLICTING) | (column == other)

    def _numbers(self, bits: AnswerBits, rows: int) -> Array:
        values = np.array([self._number(bits.column.name, one) for one in bits.column.values])
        places = np.zeros(rows, np.int16)
        for bit, word in enumerate(bits.bits):
            places |= _bits(word, rows).astype(np.int16) << bit
        if not len(values):
            return np.full(rows, NONE, np.int16)
        # Where there is no value its place means nothing.
        there = _bits(bits.there, rows)
        return np.where(there, values[np.where(there, places, 0)], NONE).astype(np.int16)

    def _number(self, name: str, value: str | int) -> int:
        if isinstance(value, int):
            return value
        known: dict[str, Sequence[str]] = {
            "outcome": OUTCOMES,
            "denial_kind": KINDS,
            "section": self._space.sections,
            "refer_to": self._space.targets,
        }
        return known.get(name, STATUSES).index(value)


def _word(plane: Array) -> int:
    return int.from_bytes(np.packbits(plane, bitorder="little").tobytes(), "little")


def _bits(word: int, rows: int) -> Array:
    told = np.frombuffer(word.to_bytes((rows + 7) // 8, "little"), np.uint8)
    return np.unpackbits(told, count=rows, bitorder="little").astype(bool)


# --- Random rows ----------------------------------------------------------------------------------


def compared(ours: Answers, theirs: Answers, states: States) -> None:
    """See that two sides agree.

    Errors: AssertionError with the first row in which they do not.
    """
    assert set(ours) == set(theirs), set(ours) ^ set(theirs)
    for name, column in theirs.items():
        wrong = np.flatnonzero(np.asarray(ours[name]) != column)
        if len(wrong):
            row = int(wrong[0])
            held = {requirement: int(found[row]) for requirement, found in states.requirements.items()}
            raise AssertionError(f"{name}: {ours[name][row]} is not {column[row]} for {held}")


def part(name: str, rows: int, seed: int) -> tuple[States, Answers]:
    """Random rows, and clingo's answers to them."""
    space = Space(Policy.load(name), name)
    states = space.random(rows, seed)
    return states, Live(space).answers(states)


def random_rows(name: str, rows: int, seed: int, processes: int) -> str:
    """Compare random rows; tells how many, and of how many outcomes."""
    ours = CompiledSide(Space(Policy.load(name), name))
    sizes = [min(_PART, rows - start) for start in range(0, rows, _PART)]
    tasks = [(name, size, seed + place) for place, size in enumerate(sizes)]
    kinds = np.zeros(len(OUTCOMES), np.int64)
    values = 0
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for states, theirs in pool.map(part, *zip(*tasks, strict=True)):
            compared(ours.answers(states, list(theirs)), theirs, states)
            kinds += np.bincount(theirs["outcome"], minlength=len(OUTCOMES))
            values += len(states) * len(theirs)
    told = ", ".join(f"{count:,} {word}" for word, count in zip(OUTCOMES, kinds, strict=True))
    return f"{name}: {rows:,} random rows ({told}), {values:,} values, all equal to clingo's"


# --- Exhaustion -----------------------------------------------------------------------------------


class Chunk(NamedTuple):
    """All points that share a request form and the states of the last requirements.

    Attributes:
        form: the number of the request form.
        states: by requirement the state, an array where it changes within the chunk.
        sets: by degree of hope the set of documented requirements that are true, as bits.
    """

    form: int
    states: dict[str, Array]
    sets: tuple[Array, Array, Array]


def chunks(section: Section) -> Iterator[Chunk]:
    """Every point of a section, chunk by chunk."""
    low, high = section.documented[:_LOW], section.documented[_LOW:]
    rows = 4 ** len(low)
    count = np.arange(rows, dtype=np.int64)
    changing = {requirement: (count >> 2 * bit & 3).astype(np.uint8) for bit, requirement in enumerate(low)}
    least = (ESTABLISHED, OPEN, CONFLICTING)
    base = [
        sum(
            ((changing[requirement] >= state).astype(np.int32) << bit for bit, requirement in enumerate(low)),
            np.zeros(rows, np.int32),
        )
        for state in least
    ]
    for form in range(len(section.forms)):
        for chosen in product(range(4), repeat=len(high)):
            fixed = dict(zip(high, chosen, strict=True))
            more = [
                sum(1 << bit for bit, one in enumerate(chosen, len(low)) if one >= state) for state in least
            ]
            established, hoped, possible = (one | extra for one, extra in zip(base, more, strict=True))
            states = {**changing, **{c: np.full(rows, s, np.uint8) for c, s in fixed.items()}}
            yield Chunk(form, states, (established, hoped, possible))


def defined(met: Array, left_out: Sequence[int], chunk: Chunk) -> Array:
    """The statuses of a criterion at the points of a chunk, from the sets that meet it."""
    established, *hopes = chunk.sets
    table = met[chunk.form]
    status = table[established].astype(np.int8)
    for hope in hopes:
        reached = np.zeros(len(hope), bool)
        for barred in left_out:
            reached |= table[established | (hope & ~barred)]
        status += reached
    return status


def exhausted(ours: Side, live: Live, section: Section, *, direct: bool) -> int:
    """Compare every point of a section; tells how many values were compared.

    Args:
        ours: the compiled side.
        live: clingo's side.
        section: the section.
        direct: ask clingo for every point, too.
    """
    met = live.met(section)
    asked = [f"status {name}" for name in section.criteria]
    values = 0
    for chunk in chunks(section):
        states = whole(live.space, section, chunk)
        theirs = {
            f"status {name}": defined(met[name], left_out, chunk) for name, left_out in section.criteria.items()
        }
        if direct:
            answered = live.answers(states)
            compared({name: answered[name] for name in asked}, theirs, states)
        compared(ours.answers(states, asked), theirs, states)
        values += len(asked) * len(states)
    return values


def whole(space: Space, section: Section, chunk: Chunk) -> States:
    """A chunk's points as rows: what the section does not look at is refuted."""
    rows = len(chunk.sets[0])
    true = {*section.forms[chunk.form], section.route}
    requirements = {
        requirement: chunk.states[requirement]
        if requirement in chunk.states
        else np.full(rows, ESTABLISHED if requirement in true else REFUTED, np.uint8)
        for requirement in space.requirements
    }
    return States(requirements, {name: np.full(rows, NONE) for name in space.amounts()})


def exhaustion(name: str, bound: int) -> Iterator[str]:
    """Compare all sections of a policy; tells for each how many points there were."""
    space = Space(Policy.load(name), name)
    live, ours = Live(space), CompiledSide(space)
    for section in map(space.section, space.sections):
        points = f"4^{len(section.documented)} x {len(section.forms)} = {section.points:,} points"
        start = time.perf_counter()
        if section.points > bound:
            told = f"beyond the bound of {bound:,}; not gone through"
        else:
            told = f"{exhausted(ours, live, section, direct=False):,} statuses, all equal"
        yield f"{name} {section.name}: {points}, {told} ({time.perf_counter() - start:.0f} s)"
        parts = [space.section(section.name, criterion) for criterion in section.criteria]
        few = [one for one in parts if one.points <= FOUR_STATES]
        values = sum(exhausted(ours, live, one, direct=True) for one in few)
        most = max((one.points for one in few), default=0)
        yield (
            f"{name} {section.name}: {len(few)} of {len(parts)} criteria have at most {most:,} points; "
            f"{values:,} statuses, asked of clingo in all four states, all equal"
        )


def main() -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("policies", nargs="*", default=["cp_phar_549"])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--bound", type=lambda text: int(float(text)), default=BOUND)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    try:
        for name in options.policies:
            print(random_rows(name, options.rows, options.seed, options.processes), flush=True)
            for line in exhaustion(name, options.bound):
                print(line, flush=True)
    except AssertionError as difference:
        print(difference)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
