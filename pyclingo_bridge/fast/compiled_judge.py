"""One case judged by the compiled policy: all worlds at once, a bit each.

A status takes several passes of the same rules: with the met requirements, with the undocumented ones
too, with the conflicting ones too, and for a contested criterion once for each way in which its
requirements can be true together. The passes differ in nothing but the requirements that they take for true,
which is checked here; so one pass of the code for the first does them all, on integers that have a
bit for each world: the masks of worlds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Generic, TypeAlias, TypeVar, cast

from pyclingo_bridge.base.terms import Term, Value, constant
from pyclingo_bridge.core.assessment import RulesVerdict
from pyclingo_bridge.core.decision import DenialKind, Outcome, Status
from pyclingo_bridge.core.evidence import CaseEvidence
from pyclingo_bridge.fast.circuit import (
    CONFLICTING,
    FALSE,
    MET,
    NOT_MET,
    STATUS_BITS,
    UNDOCUMENTED,
    All,
    Given,
    Look,
)
from pyclingo_bridge.fast.code import Code, code
from pyclingo_bridge.fast.compiled import CompiledPolicy
from pyclingo_bridge.fast.compiler import CompileError

_HOPES = (constant("undocumented"), constant("conflicting"))
_STATUSES: dict[int, Status] = {0: "not_met", 4: "conflicting", 6: "undocumented", 7: "met"}
"""By the bits of the three first worlds: a world with more requirements never meets less."""

_STATUS_BIT_OF = {0: NOT_MET, 4: CONFLICTING, 6: UNDOCUMENTED, 7: MET}
"""The status of a requirement, by the same bits."""

_BY_BITS: tuple[Status, ...] = ("undocumented", "met", "not_met", "conflicting")
"""The status of a requirement by whether it is supported, and twice whether it is refuted."""

_CHUNK = 8
_MOST_KNOWN = 4_096

Read = TypeVar("Read")

_VERDICT = ("outcome", "denial_kind", "approved_section", "routed", "addressed")

_Bit: TypeAlias = tuple[int, tuple[int, ...]]
"""The place of a mask, and for each way in which its three first bits can be set the bit looked for."""
_YES = (0, 0, 0, 0, 0, 0, 0, 1)
_Holding: TypeAlias = Mapping[str, list[tuple[Value, ...]]]


class Worlds:
    """The worlds in which a compiled policy tries its criteria, and what is true in each."""

    def __init__(self, policy: CompiledPolicy) -> None:
        """Find the worlds of a policy.

        Errors: CompileError where a criterion is not tried alike in all of them.
        """
        self._policy = policy
        met = policy.table("met")
        self.all = _in_order({world for world, _ in met})
        self.tries = _tries(self.all)
        items: defaultdict[Value, list[Value]] = defaultdict(list)
        for world, item in met:
            items[world].append(item)
        for place, world in enumerate(self.all):
            self._check(place, items[world])
        for criterion, places in self.tries.items():
            self._check_tries(criterion, places)

    def _node(self, world: Value, item: Value) -> object:
        return self._policy.circuit.node(self._policy.literal("met", world, item))

    def statuses(self, place: int, requirement: Value) -> int:
        """The statuses with which a requirement is true in the world at a place, added up."""
        node = self._node(self.all[place], requirement)
        return node.statuses if isinstance(node, Look) else 0

    def mask(self, requirement: Value, status: int) -> int:
        """In which worlds a requirement with a status is true, a bit each."""
        return sum(1 << place for place in range(len(self.all)) if self.statuses(place, requirement) & status)

    def _check(self, place: int, items: Iterable[Value]) -> None:
        """Refuse a world whose criteria are not those of the first, with its own requirements."""
        known: dict[int, int] = {}
        for item in items:
            literal = self._policy.literal("met", self.all[0], item)
            if self._moved(literal, place, known) != self._policy.literal("met", self.all[place], item):
                raise CompileError(f"`{item}` is not tried alike in the world `{self.all[place]}`")

    def _moved(self, literal: int, place: int, known: dict[int, int]) -> int:
        """What a literal of the first world is in another."""
        circuit, node = self._policy.circuit, self._policy.circuit.node(literal)
        even = literal & ~1
        if even not in known:
            if isinstance(node, All):
                parts = [self._moved(part, place, known) for part in node.literals]
                known[even] = circuit.all_of(parts)
            elif isinstance(node, Look) and node.statuses == MET:
                known[even] = circuit.look(node.requirement, self.statuses(place, node.requirement))
            elif isinstance(node, Look) and circuit.negate(even) == circuit.look(node.requirement, MET):
                known[even] = circuit.negate(self._moved(circuit.negate(even), place, known))
            else:
                raise CompileError(f"`{node}` stands among what meets a criterion")
        return circuit.negate(known[even]) if literal & 1 else known[even]

    def _check_tries(self, criterion: Value, places: Mapping[Value, Sequence[int]]) -> None:
        for hope, tries in places.items():
            worlds = [self._policy.literal("met", self.all[place], criterion) for place in tries]
            if self._policy.circuit.any_of(worlds) != self._policy.literal("reach", hope, criterion):
                raise CompileError(f"`{criterion}` is reached otherwise than in its worlds")


def _in_order(worlds: set[Value]) -> list[Value]:
    first: list[Value] = [constant("documented"), *_HOPES]
    return [*first, *sorted(worlds - set(first), key=str)]


def _tries(worlds: Sequence[Value]) -> dict[Value, dict[Value, list[int]]]:
    """For each contested criterion and each degree of doubt, the places of its own worlds."""
    found: defaultdict[Value, dict[Value, list[int]]] = defaultdict(lambda: {h: [] for h in _HOPES})
    for place, world in enumerate(worlds):
        if isinstance(world, Term) and world.name == "try":
            found[world.args[1]][world.args[0]].append(place)
    return dict(found)


class CompiledJudge:
    """Judges single cases by the statuses of their requirements."""

    def __init__(
        self,
        policy: CompiledPolicy,
        requirements: Sequence[Value],
        nodes: Iterable[Value],
    ) -> None:
        """Take the policy, the requirements in the order of their bits, and the criteria with their parts.

        Errors: CompileError where a criterion is not tried alike in all worlds.
        """
        self._policy = policy
        worlds = Worlds(policy)
        self._ones = (1 << len(worlds.all)) - 1
        self._order = list(requirements)
        self._chunks = [
            _Chunk(worlds, start, self._order[start : start + _CHUNK])
            for start in range(0, len(self._order), _CHUNK)
        ]
        self._nodes = sorted(nodes, key=str)
        self._folds = [
            (self._nodes.index(criterion), [_bits(places[hope]) for hope in _HOPES])
            for criterion, places in worlds.tries.items()
        ]
        self._node_code = self._code_of_nodes(worlds.all[0])
        self._outcome: _Lookup[_Decided] = self._lookup(*_VERDICT)

    @property
    def requested(self) -> frozenset[Term]:
        """The `value` terms of the request form that durations rest on."""
        return self._durations.given

    def _code_of_nodes(self, world: Value) -> Code:
        circuit = self._policy.circuit
        first = [circuit.look(requirement, MET) >> 1 for requirement in self._order]
        literals = [self._policy.literal("met", world, node) for node in self._nodes]
        return code(circuit, literals, first=first)

    @cached_property
    def _known(self) -> dict[int, _Bit]:
        """The nodes that follow from a criterion's status, by their numbers."""
        found: dict[int, _Bit] = {}
        for place, node in enumerate(self._nodes):
            literals = [
                self._policy.literal("met", constant("documented"), node),
                *(self._policy.literal("reach", hope, node) for hope in _HOPES),
            ]
            for bit, literal in enumerate(literals):
                if isinstance(self._policy.circuit.node(literal), All) and literal > FALSE:
                    values = tuple((mask >> bit & 1) ^ (literal & 1) for mask in range(8))
                    found[literal >> 1] = (len(self._order) + place, values)
        return found

    def _lookup(self, *names: str) -> _Lookup[Any]:
        """What follows, by predicate, from the statuses of the criteria."""
        atoms = [(name, args) for name in names for args in self._policy.table(name)]
        literals = [self._policy.literal(name, *args) for name, args in atoms]
        found = code(self._policy.circuit, literals, known=self._known)
        places = {requirement: place for place, requirement in enumerate(self._order)}
        given: list[Term] = []
        bits: list[_Bit] = []
        for leaf in found.leaves:
            if isinstance(leaf, Given):
                bits.append((len(self._order) + len(self._nodes) + len(given), _YES))
                given.append(leaf.atom)
            elif isinstance(leaf, Look):
                values = tuple(int(bool(_STATUS_BIT_OF.get(mask, 0) & leaf.statuses)) for mask in range(8))
                bits.append((places[leaf.requirement], values))
            else:
                bits.append(self._known[leaf])
        return _Lookup(atoms, found, bits, given)

    def verdict(self, evidence: CaseEvidence) -> RulesVerdict:
        """What follows from what a case's statements come to."""
        masks: list[int] = []
        for chunk in self._chunks:
            masks += chunk.masks(evidence.supported, evidence.refuted)
        node_masks = list(self._node_code.run(masks, 0, self._ones))
        for place, (may, might) in self._folds:
            mask = node_masks[place]
            node_masks[place] = mask & 1 | bool(mask & (may | 1)) << 1 | bool(mask & (might | 1)) << 2
        masks += node_masks
        outcome, kind, section, routed, addressed = self._outcome.answer(masks, _verdict)
        referred = self._referral.answer(masks, _referred) if outcome == "refer" else None
        return RulesVerdict(
            outcome=outcome,
            denial_kind=kind,
            section=section,
            approval_months=None if section is None else self._granted(section, masks, evidence),
            referred=referred,
            routed=routed,
            addressed=addressed,
            find_node_statuses=partial(self._node_statuses, masks),
        )

    def _node_statuses(self, masks: Sequence[int]) -> dict[Value, Status]:
        return {
            node: _STATUSES[mask & 7] for node, mask in zip(self._nodes, masks[len(self._order) :], strict=True)
        }

    @cached_property
    def _referral(self) -> _Lookup[tuple[Value, Value] | None]:
        return self._lookup("referred")

    @cached_property
    def _durations(self) -> _Lookup[dict[Value, int]]:
        return self._lookup("months")

    def _granted(self, section: Value, masks: Sequence[int], evidence: CaseEvidence) -> int | None:
        return self._durations.answer(masks, _months, evidence.requested).get(section)


class _Chunk:
    """Some requirements, of which most cases have one of few combinations of statuses."""

    def __init__(self, worlds: Worlds, start: int, requirements: Sequence[Value]) -> None:
        self._start = start
        self._all = (1 << len(requirements)) - 1
        self._worlds = [
            [worlds.mask(requirement, STATUS_BITS[name]) for name in _BY_BITS] for requirement in requirements
        ]
        self._known: dict[tuple[int, int], list[int]] = {}

    def masks(self, supported: int, refuted: int) -> list[int]:
        """In which worlds each of the requirements is true, a bit each."""
        key = (supported >> self._start & self._all, refuted >> self._start & self._all)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[key] = [
                by_status[key[0] >> place & 1 | (key[1] >> place & 1) << 1]
                for place, by_status in enumerate(self._worlds)
            ]
        return found


class _Lookup(Generic[Read]):
    """Atoms that are asked for where the statuses of the criteria are known."""

    def __init__(
        self,
        atoms: Sequence[tuple[str, tuple[Value, ...]]],
        found: Code,
        bits: Sequence[_Bit],
        given: Sequence[Term],
    ) -> None:
        self._atoms = atoms
        self._run = found.run
        self._bits = bits
        self._given = given
        self.given = frozenset(given)
        self._known: dict[tuple[int, ...], Read] = {}

    def answer(
        self,
        masks: Sequence[int],
        read: Callable[[_Holding], Read],
        given: frozenset[Term] = frozenset(),
    ) -> Read:
        """What a reader makes of the arguments of the atoms that hold, by predicate."""
        if self._given:
            masks = [*masks, *(7 if atom in given else 0 for atom in self._given)]
        answer = self._run([values[masks[place] & 7] for place, values in self._bits], 0, 1)
        if answer not in self._known:
            holding: defaultdict[str, list[tuple[Value, ...]]] = defaultdict(list)
            for (name, args), holds in zip(self._atoms, answer, strict=True):
                if holds:
                    holding[name].append(args)
            self._known[answer] = read(holding)
        return self._known[answer]


_Decided: TypeAlias = tuple[Outcome, DenialKind | None, Value | None, frozenset[Value], frozenset[Value]]


def _verdict(holding: _Holding) -> _Decided:
    ((outcome,),) = holding["outcome"]
    kind, section = holding["denial_kind"], holding["approved_section"]
    return (
        cast(Outcome, str(outcome)),
        cast(DenialKind, str(kind[0][0])) if kind else None,
        section[0][0] if section else None,
        frozenset(args[0] for args in holding["routed"]),
        frozenset(args[0] for args in holding["addressed"]),
    )


def _referred(holding: _Holding) -> tuple[Value, Value] | None:
    return cast(tuple[Value, Value], holding["referred"][0]) if holding["referred"] else None


def _months(holding: _Holding) -> dict[Value, int]:
    return {args[0]: cast(int, args[1]) for args in holding["months"]}


def _bits(places: Iterable[int]) -> int:
    return sum(1 << place for place in places)
