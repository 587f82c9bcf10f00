"""From a ground program to a circuit: every atom is what its rules come to.

Only plain rules without a circle are taken: a choice, an aggregate or a circle is refused by name,
never passed over. What an atom without rules is, is either an input or false.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyclingo_bridge.base.errors import EngineError
from pyclingo_bridge.base.solver import GroundProgram, Signature
from pyclingo_bridge.base.terms import Term
from pyclingo_bridge.fast.circuit import FALSE, NOT_MET, STATUS_BITS, TRUE, Circuit


class CompileError(EngineError):
    """The ground program has something that no circuit can be made of."""


def circuit_of(program: GroundProgram, wanted: Iterable[Signature]) -> tuple[Circuit, dict[Term, int]]:
    """The circuit for the atoms of some signatures, and the literal of each of these atoms.

    Errors: CompileError where the program is not made of plain rules, or has a circle.
    """
    names = {number: term for term, number in program.atoms.items() if number}
    for what, atom in program.unsupported:
        about = f" about `{names[atom]}`" if atom in names else ""
        raise CompileError(f"the rules cannot be compiled: {what}{about} stands among them")
    lowering = _Lowering(program, names)
    signatures = set(wanted)
    asked = [term for term in program.atoms if (term.name, len(term.args)) in signatures]
    return lowering.circuit, {term: lowering.literal(program.atoms[term]) for term in asked}


class _Lowering:
    """One program on its way into a circuit."""

    def __init__(self, program: GroundProgram, names: dict[int, Term]) -> None:
        self.circuit = Circuit()
        self._names = names
        self._inputs = program.inputs
        self._bodies: dict[int, list[tuple[int, ...]]] = {}
        for head, body in program.rules:
            self._bodies.setdefault(head, []).append(body)
        self._known: dict[int, int] = {0: TRUE}

    def literal(self, atom: int) -> int:
        """The literal for an atom, with all that it rests on first."""
        open_: dict[int, Iterator[int]] = {}
        waiting = [] if atom in self._known else [atom]
        while waiting:
            top = waiting[-1]
            if top not in open_:
                open_[top] = iter(self._rests_on(top))
            missing = next((other for other in open_[top] if other not in self._known), None)
            if missing is None:
                self._known[top] = self._made(top)
                del open_[top]
                waiting.pop()
            elif missing in open_:
                self._refuse_circle(waiting[waiting.index(missing) :])
            else:
                waiting.append(missing)
        return self._known[atom]

    def _rests_on(self, atom: int) -> list[int]:
        return [abs(literal) for body in self._bodies.get(atom, ()) for literal in body]

    def _refuse_circle(self, circle: list[int]) -> None:
        atoms = ", ".join(f"`{self._names[atom]}`" for atom in circle if atom in self._names)
        raise CompileError(
            f"the rules cannot be compiled: these rest on one another: {atoms or 'unnamed atoms'}"
        )

    def _made(self, atom: int) -> int:
        if atom in self._inputs:
            return self._input(atom)
        bodies = self._bodies.get(atom, ())
        return self.circuit.any_of([self._body(body) for body in bodies]) if bodies else FALSE

    def _body(self, body: tuple[int, ...]) -> int:
        return self.circuit.all_of(
            [
                self._known[literal] if literal > 0 else self.circuit.negate(self._known[-literal])
                for literal in body
            ]
        )

    def _input(self, atom: int) -> int:
        term = self._names.get(atom)
        if term is None:
            raise CompileError("the rules cannot be compiled: an input has no name")
        if atom in self._bodies:
            raise CompileError(f"the rules cannot be compiled: the input `{term}` follows from rules too")
        status = STATUS_BITS.get(term.name)
        # A requirement that is not met has no input of its own.
        if status and status != NOT_MET and len(term.args) == 1:
            return self.circuit.look(term.args[0], status)
        return self.circuit.given(term)
