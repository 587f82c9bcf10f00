"""Asks the evidence rules about one topic after another: attributes of which one speaks for another.

What a case says of a topic, and what follows from that, depends on no other topic. So each has a small
program of its own, with documents in as many places as there are documents that speak of it; and
as people's documents say much the same, most answers are known already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal, cast

from pyclingo_bridge.base.errors import EngineError
from pyclingo_bridge.base.rule_files import engine_program
from pyclingo_bridge.base.solver import Program, Signature
from pyclingo_bridge.base.terms import Term, Value, constant, plain
from pyclingo_bridge.core.decision import STATUSES, Status
from pyclingo_bridge.core.facts import CaseInputs

SIZES = ((1, 4), (3, 12), (6, 24), (12, 36), (48, 144))
"""Documents, and drugs in their histories, that a topic's program has room for. What is more than
the last is grounded for itself."""

Effect = Literal["supports", "refutes", "superseded", "silent"]

_REMEMBERED = 8_192
_FORM = constant("request")

_ABOUT: dict[Signature, int] = {
    ("attribute", 2): 0,
    ("domain", 2): 0,
    ("listlike", 1): 0,
    ("listed", 2): 0,
    ("default", 2): 0,
    ("counts_as", 3): 0,
    ("also_states", 4): 0,
    ("qualifies", 2): 1,
    ("regimen_list", 1): 0,
    ("establishes", 2): 1,
    ("comes_to", 3): 1,
    ("plausible", 2): 0,
    ("probe", 2): 0,
    ("element", 2): 0,
    ("on", 2): 1,
}
_OF_REQUIREMENTS: tuple[Signature, ...] = (
    ("canonical", 1),
    ("true_of", 2),
    ("positive", 1),
    ("negative", 1),
    ("demands", 2),
    ("forbids", 2),
)
_OF_ALL: tuple[Signature, ...] = (
    ("document_type", 2),
    ("drug", 1),
    ("supportive", 1),
    ("requested_drug", 1),
)

_REQUIREMENTS = frozenset(name for name, _ in _OF_REQUIREMENTS)

SIGNATURES: tuple[Signature, ...] = (*_ABOUT, *_OF_REQUIREMENTS, *_OF_ALL)
"""What the evidence rules are to know of a policy."""


@dataclass(eq=False)
class TopicEvidence:
    """What the evidence rules conclude from the statements on one topic, whoever makes them.

    Attributes:
        atoms: the arguments of the atoms that hold, by predicate, as `bridge/evidence_of_facts.lp` shows them.
        masks: the statuses of the requirements as the policy's compiled rules take them, once they were asked.
    """

    atoms: Mapping[str, list[tuple[Value, ...]]]
    masks: tuple[int, ...] | None = None

    @cached_property
    def statuses(self) -> dict[Value, Status]:
        """The status of each requirement."""
        return {args[0]: name for name in STATUSES for args in self.atoms[name]}

    def with_status(self, status: Status) -> frozenset[Value]:
        """The requirements with a status."""
        return self._by_status[status]

    @cached_property
    def _by_status(self) -> dict[Status, frozenset[Value]]:
        return {name: frozenset(args[0] for args in self.atoms[name]) for name in STATUSES}

    @cached_property
    def requirement_inputs(self) -> frozenset[Term]:
        """The statuses as inputs of other programs; a requirement in none of them is not met."""
        return frozenset(Term(name, args) for name in STATUSES[:3] for args in self.atoms[name])

    @cached_property
    def requested(self) -> frozenset[Term]:
        """What the request form gives, where it speaks."""
        return frozenset(Term("value", args) for args in self.atoms["value"] if args[0] == _FORM)

    @cached_property
    def effects(self) -> dict[tuple[Value, Value, Value], Effect]:
        """What a speaker's statement of an attribute does to a requirement."""
        return {
            (speaker, requirement, stated): cast(Effect, plain(effect))
            for speaker, requirement, stated, effect in self.atoms["effect"]
        }

    @cached_property
    def speakers(self) -> dict[str, list[tuple[Value, Value]]]:
        """Who speaks of each attribute, and by stating what."""
        found: dict[str, list[tuple[Value, Value]]] = {}
        for speaker, attribute, stated in self.atoms["speaks"]:
            found.setdefault(str(plain(attribute)), []).append((speaker, stated))
        return found

    @cached_property
    def superseded(self) -> frozenset[tuple[Value, str]]:
        """Whose word on which attribute is out of date."""
        return frozenset((speaker, str(plain(attribute))) for speaker, attribute in self.atoms["superseded"])


class EvidenceRules:
    """Asks the evidence rules of one policy, under its interpretations, what a case's statements amount to."""

    def __init__(self, facts: Mapping[str, list[Term]], topics: Mapping[str, frozenset[str]]) -> None:
        """Take the facts of `SIGNATURES`, by predicate, and the attributes of each topic."""
        self._facts = facts
        self._topics = topics
        self._programs: dict[tuple[str, tuple[int, int]], Program] = {}
        self._known = lru_cache(maxsize=_REMEMBERED)(self._ask)

    def ask(self, topic: str, inputs: CaseInputs) -> TopicEvidence:
        """What follows from a case's statements on a topic."""
        if not inputs.terms and topic in self._silence:
            return self._silence[topic]
        room = next(
            (size for size in SIZES if len(inputs.documents) <= size[0] and len(inputs.names) <= size[1]),
            None,
        )
        return self._known(topic, frozenset(inputs.terms), room)

    @cached_property
    def _silence(self) -> dict[str, TopicEvidence]:
        """What follows where nobody speaks of a topic, asked of all such topics at once."""
        spoken = {
            str(plain(term.args[0]))
            for term in (*self._facts["attribute"], *self._facts["default"])
            if term.name == "default" or term.args[1] == _FORM
        }
        silent = [topic for topic, names in self._topics.items() if names.isdisjoint(spoken)]
        found = self._alone({term for topic in silent for term in self._topic_facts(topic)})
        return {topic: _topic_evidence(self._statuses(found, topic)) for topic in silent}

    def _statuses(self, found: TopicEvidence, topic: str) -> list[Term]:
        requirements = self._requirements(topic)
        return [
            Term(name, (requirement,))
            for name in STATUSES
            for requirement in requirements
            if requirement in found.with_status(name)
        ]

    def _ask(self, topic: str, terms: frozenset[Term], room: tuple[int, int] | None) -> TopicEvidence:
        if room is None:
            return self._alone({*self._topic_facts(topic), *terms})
        return _topic_evidence(self._program(topic, room).best(set(terms)))

    def _alone(self, facts: Iterable[Term]) -> TopicEvidence:
        return _topic_evidence(Program(engine_program("evidence_large"), facts).best(set()))

    def _program(self, topic: str, room: tuple[int, int]) -> Program:
        if (topic, room) not in self._programs:
            slots, names = room
            size = [Term("slots", (slots,)), Term("names", (names,))]
            files = engine_program("evidence")
            self._programs[topic, room] = Program(files, [*self._topic_facts(topic), *size])
        return self._programs[topic, room]

    @cached_property
    def _sorted(self) -> Mapping[str, Mapping[Value, list[Term]]]:
        """The facts by what they are about: an attribute, or a requirement."""
        places = {
            **{name: at for (name, _), at in _ABOUT.items()},
            **dict.fromkeys(_REQUIREMENTS, 0),
        }
        found: dict[str, dict[Value, list[Term]]] = {name: {} for name in places}
        for name, place in places.items():
            for term in self._facts[name]:
                found[name].setdefault(term.args[place], []).append(term)
        return found

    def _requirements(self, topic: str) -> dict[Value, None]:
        names = map(constant, sorted(self._topics[topic]))
        on = self._sorted["on"]
        return dict.fromkeys(term.args[0] for name in names for term in on.get(name, ()))

    def _topic_facts(self, topic: str) -> Iterable[Term]:
        """The facts on a topic's attributes, and on the requirements on them."""
        for name, _ in _OF_ALL:
            yield from self._facts[name]
        requirements = self._requirements(topic)
        names = list(map(constant, sorted(self._topics[topic])))
        for name, about in self._sorted.items():
            for key in requirements if name in _REQUIREMENTS else names:
                yield from about.get(key, ())


def _topic_evidence(found: Iterable[Term] | None) -> TopicEvidence:
    if found is None:
        raise EngineError("the evidence rules have no answer")
    atoms: defaultdict[str, list[tuple[Value, ...]]] = defaultdict(list)
    for term in found:
        atoms[term.name].append(term.args)
    return TopicEvidence(atoms)
