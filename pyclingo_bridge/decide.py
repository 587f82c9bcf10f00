"""Asks the decision rules about a case: one program grounded once, for any case of its size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from pyclingo_bridge.case import Case
from pyclingo_bridge.errors import EngineError
from pyclingo_bridge.evidence import Findings
from pyclingo_bridge.facts import CaseInputs, Encoder
from pyclingo_bridge.minimal import Build
from pyclingo_bridge.solve import LiveProgram, evaluate
from pyclingo_bridge.sources import engine_program
from pyclingo_bridge.terms import Term, Value, constant

SIZES = ((6, 12), (12, 36), (48, 144))
"""Documents, and drugs in histories, that a grounded program has room for. A case with more than the
last is grounded for itself."""


class Decider:
    """Decides cases by the rules of one policy under its readings."""

    def __init__(self, build: Build, encoder: Encoder, strengths: Iterable[Term]) -> None:
        self._build = build
        self._encoder = encoder
        self._strengths = tuple(strengths)
        self._programs: dict[tuple[int, int], LiveProgram] = {}
        self._program(SIZES[0])

    def _program(self, size: tuple[int, int]) -> LiveProgram:
        if size not in self._programs:
            slots, names = size
            self._programs[size] = self._build(
                "decide", facts=[Term("slots", (slots,)), Term("names", (names,))]
            )
        return self._programs[size]

    def find(self, case: Case) -> Findings:
        """What the rules find of a case that was checked against the vocabulary."""
        inputs = self._encoder.encode(case)
        holds = self._ask(inputs)
        if holds is None:
            raise EngineError("the decision rules have no answer")
        atoms: defaultdict[str, list[tuple[Value, ...]]] = defaultdict(list)
        for term in holds:
            atoms[term.name].append(term.args)
        return Findings(case, inputs, self._encoder.defaults, atoms)

    def _ask(self, inputs: CaseInputs) -> list[Term] | None:
        for size in SIZES:
            if len(inputs.documents) <= size[0] and len(inputs.names) <= size[1]:
                return self._program(size).best(inputs.terms)
        return self._build("large", facts=inputs.terms).best(set())

    def amount_warnings(self, case: Case) -> list[Term]:
        """Warnings of amounts on the request form that the product's strengths do not make up."""
        counted = {str(term.args[0]) for term in self._strengths}
        return [
            warning
            for name, value in case.request.items()
            if name in counted
            for warning in _amount_warnings(self._strengths, name, value)
        ]


@lru_cache(maxsize=1024)
def _amount_warnings(strengths: tuple[Term, ...], name: str, value: int) -> list[Term]:
    files = engine_program("amounts")
    request = Term("request", (constant(name), value))
    return evaluate(files, [*strengths, request], [("warning", 1)])["warning"]
