"""What the rules find wrong with a policy, with its place and a remedy.

The rules derive faults and the facts that show them. Where those facts stand is found by a copy of
every statement that derives its facts with its own number: made only where there is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyclingo_bridge.base import spelling
from pyclingo_bridge.base.errors import PolicyError, nearest_few, suggestion
from pyclingo_bridge.base.rule_files import RulesFile, engine_program, rules_root
from pyclingo_bridge.base.solver import Program, evaluate
from pyclingo_bridge.base.spelling import FACT, NAME, WORD
from pyclingo_bridge.base.terms import Term, Value, constant, pairs, plain, subterms, written
from pyclingo_bridge.cases.attributes import drug_key
from pyclingo_bridge.loading.authoring import (
    Use,
    policy_complaint,
    policy_words,
    read_sources,
)
from pyclingo_bridge.loading.rule_syntax import statements

_READ = Term("was_read", (constant("bodies"),))
_COPY = "written_at"
_MOST_PLACES = 3


def refuse_faults(live: Program, files: Sequence[RulesFile], facts: Collection[Term] = ()) -> None:
    """Refuse a policy in which the rules themselves find faults.

    Args:
        live: the policy's own files with the rules that find faults, grounded.
        files: those files.
        facts: what was added to them: interpretations, and what rules' bodies name.

    Errors: PolicyError, one line for each fault.
    """
    terms = [term.args[0] for term in live.facts(("fault", 1))["fault"]]
    faults = [term for term in terms if isinstance(term, Term)]
    # A policy that comes with this package is looked at by its tests.
    spelled = _spelled(live) if _READ in facts else []
    faults += [Term("never_found", term.args) for term in spelled]
    faults += _revised_otherwise(live)
    if faults:
        raise PolicyError.of(_Report.of(files, [*facts, *spelled], faults).lines(faults))


def _spelled(live: Program) -> list[Term]:
    """The names of drugs that are spelled as no name of a case is looked up, each with how that is."""
    found = live.facts(("drug", 1), ("stands_for", 2), ("brand", 2), ("regimen", 2), ("no_drug", 1))
    names = {term.args[0] for terms in found.values() for term in terms}
    texts = [(name, str(plain(name))) for name in names if isinstance(name, str) or _is_name(name)]
    # A dash for "none" is spelled as it is.
    named = [(name, text) for name, text in texts if any(map(str.isalnum, text))]
    keys = [(name, drug_key(text)) for name, text in named if drug_key(text) != text]
    return [Term("spelled", (name, key)) for name, key in sorted(keys, key=str)]


def _revised_otherwise(live: Program) -> Iterator[Term]:
    """Where the day of a policy's revision is not that of its source; no rule can read a text."""
    found = live.facts(("revised", 1), ("source", 2))
    for (day,) in (term.args for term in found["revised"]):
        for _, text in (term.args for term in found["source"]):
            told = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", str(plain(text)))
            if told and isinstance(day, int) and day != int("".join(told.groups())):
                yield Term("revised_otherwise", (day, text))


def _is_name(value: Value) -> bool:
    return isinstance(value, Term) and not value.args


def _copies(files: Sequence[RulesFile]) -> tuple[RulesFile, list[Use]]:
    """Every statement of a policy's words once more, deriving its facts with the statement's number."""
    uses: list[Use] = []
    lines: list[str] = []
    words = policy_words()
    for file in files:
        for statement in statements(file):
            rule = statement.rule if words.intersection(statement.heads) else None
            if rule:
                body = f" :- {'; '.join(map(str, rule.body))}" if rule.body else ""
                lines.append(f"{_COPY}({len(uses)},{rule.head}){body}.")
                uses.append(Use(file, statement.span))
    return RulesFile(files[0].path, "\n".join(lines)), uses


@dataclass(frozen=True)
class _Report:
    """What it takes to word the faults of one policy.

    Attributes:
        order: the place of each file among the policy's.
        shown_by: the facts that show each fault.
        uses: the statements that each fact comes from.
        known: what is declared, by kind.
        texts: how each fault reads, its arguments to be filled in.
        facts: the policy's facts.
    """

    order: Mapping[RulesFile, int]
    shown_by: Mapping[Term, list[Term]]
    uses: Mapping[Term, list[Use]]
    known: Mapping[Term, list[str]]
    texts: Mapping[Value, str]
    facts: Sequence[Term]

    @classmethod
    def of(cls, files: Sequence[RulesFile], facts: Collection[Term], faults: Iterable[Term]) -> _Report:
        copies, statements = _copies(files)
        program = [*engine_program("places"), *files, copies]
        asked = [("at_fault", 2), ("declared", 2), ("fault_text", 2), (_COPY, 2), *sorted(policy_words())]
        given = [*facts, *(Term("fault", (fault,)) for fault in faults)]
        found = evaluate(program, given, asked, policy_complaint)
        uses = {term: list(places) for term, places in read_sources(files).named_by.items()}
        for number, fact in pairs(found.pop(_COPY)):
            if isinstance(number, int) and isinstance(fact, Term):
                uses.setdefault(fact, []).append(statements[number])
        shown: dict[Term, list[Term]] = {}
        for fault, fact in pairs(found.pop("at_fault")):
            if isinstance(fault, Term) and isinstance(fact, Term):
                shown.setdefault(fault, []).append(fact)
        known: dict[Term, list[str]] = {}
        for kind, name in [*pairs(found.pop("declared")), *_values(found)]:
            if isinstance(kind, Term):
                known.setdefault(kind, []).append(str(plain(name)))
        texts = {fault: str(plain(text)) for fault, text in pairs(found.pop("fault_text"))}
        own = [term for terms in found.values() for term in terms]
        order = {file: place for place, file in enumerate(files)}
        return cls(order, shown, uses, known, texts, own)

    def lines(self, faults: Iterable[Term]) -> list[tuple[str, str]]:
        """The kind of each fault and a line about it, in the order of their places."""
        kept = list(faults)
        garbled = {fact.args[0] for fault in kept for fact in self._garbled(fault)}
        lines = set()
        for fault in kept:
            if fault.name in ("no_value", "no_value_of") and garbled & set(subterms(fault)):
                continue
            facts = self._facts(fault)
            uses = [use for fact in facts for use in self._of(fact)]
            # Whoever includes a vocabulary of the package mends what stands in a file of their own.
            own = [use for use in uses if rules_root() not in use.file.path.parents]
            places = sorted({self._place(use, fault) for use in own or uses})
            lines.add((places[0] if places else (0, 1), fault.name, self._line(fault, facts, places)))
        return [(kind, text) for _, kind, text in sorted(lines)]

    def _garbled(self, fault: Term) -> list[Term]:
        """The lists of values that a tuple stands in: what is said of their values follows from it."""
        if fault.name != "not_a_name":
            return []
        return [fact for fact in self.shown_by.get(fault, ()) if fact.name == "listed"]

    def _of(self, fact: Term) -> list[Use]:
        return self.uses.get(fact, [])

    def _facts(self, fault: Term) -> list[Term]:
        """The facts that show a fault; where the rules name none, those that name most of it."""
        shown = [fact for fact in self.shown_by.get(fault, ()) if self._of(fact)]
        if shown:
            return sorted(shown, key=str)
        # A number stands in many facts that are about something else.
        asked = {part for part in subterms(fault) if not isinstance(part, int)} - {fault}
        near = [(len(asked & parts), -len(parts), fact) for fact, parts in self._written()]
        most = max((found[:2] for found in near), default=(0, 0))
        return sorted((fact for *share, fact in near if most[0] and (*share,) == most), key=str)

    def _written(self) -> Iterator[tuple[Term, set[Value]]]:
        """The facts that some statement of the policy gives, each with all that it is made of."""
        return ((fact, set(subterms(fact))) for fact in self.facts if self._of(fact))

    def _place(self, use: Use, fault: Term) -> tuple[int, int]:
        """The file's place, and the line of a statement on which most of the fault's words are."""
        (first, _), (last, _) = use.span
        lines = use.file.text.split("\n")[first - 1 : last]
        names = [str(plain(part)) for part in subterms(fault) if not isinstance(part, Term) or not part.args]
        found = [
            sum(bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line)) for name in names) for line in lines
        ]
        return self.order[use.file], first + found.index(max(found))

    def _line(self, fault: Term, facts: Sequence[Term], places: Sequence[tuple[int, int]]) -> str:
        files = list(self.order)
        where = [f"{files[file].path}:{line}" for file, line in places or [(0, 1)]]
        more = where[1:_MOST_PLACES]
        left = len(where) - 1 - len(more)
        also = [*more, *([f"{left} more place{'s' if left > 1 else ''}"] if left else [])]
        text = self._text(fault, facts)
        return f"{where[0]}: {text}" + (f" (and {', '.join(also)})" if also else "")

    def _text(self, fault: Term, facts: Sequence[Term]) -> str:
        special = _number_in_quotes(fault) or _tuple(fault, facts) or self._quotes(fault)
        special = special or self._part(fault, facts) or self._criterion(fault, facts)
        if special or fault not in self.texts:
            return special or f"the rules call this a fault: `{fault}`"
        return _filled(self.texts[fault], fault) + self._hint(fault)

    def _quotes(self, fault: Term) -> str | None:
        """Where the name of something stands in quotes, or its id without them."""
        if fault.name == "not_a_name" and isinstance(fault.args[0], str):
            return f"`{written(fault.args[0])}` is text: write a name in small letters, without quotes"
        if fault.name == "no_requirement" and isinstance(fault.args[0], str) and "(" in fault.args[0]:
            return f"`{written(fault.args[0])}` is text; write {fault.args[0]}, without quotes"
        for kind, name in _unknown(fault):
            if str(plain(name)) not in self.known.get(kind, ()):
                continue
            if isinstance(name, str) and kind not in _IDS:
                return f"`{written(name)}` is text; write {name}, without quotes"
            if not isinstance(name, str) and kind in _IDS:
                what = "a number" if isinstance(name, int) else "a name"
                return f"{_shown(name)} is {what}; write {written(str(name))}, a text in quotes"
        return None

    def _part(self, fault: Term, facts: Sequence[Term]) -> str | None:
        """Where a part of a criterion stands that no clauses make one."""
        item = fault.args[0] if fault.name in ("no_requirement", "no_criterion") else None
        if any(fact.name in ("unless", "only_if") and fact.args[1] == item for fact in facts):
            return None
        if not isinstance(item, Term) or item.name != "part":
            return None
        if len(item.args) != 2:
            return f"{_shown(item)} is no part: write `part(CRITERION, NAME)`"
        criterion, name = item.args
        if str(plain(name)) in self.known.get(Term("part", (criterion,)), ()):
            return None
        what = f"the part {_shown(name)} of criterion {_shown(criterion)}"
        hint = self._nearest_part("part", criterion, name)
        return f"{what} has no `requires` or `any_of`, which would say what it asks for{hint}"

    def _nearest_part(self, kind: str, criterion: Value, name: Value) -> str:
        """The part of the same criterion that is most like it, or the one of that name elsewhere."""
        near = suggestion(str(plain(name)), self.known.get(Term(kind, (criterion,)), ()))
        same = [
            written(found.args[0])
            for found, names in self.known.items()
            if found.name == kind and found.args[0] != criterion and str(plain(name)) in names
        ]
        if near or len(same) != 1:
            return near
        return f"; did you mean `part({same[0]}, {written(name)})`?"

    def _criterion(self, fault: Term, facts: Sequence[Term]) -> str | None:
        """Where a criterion, or a part of one, stands for a requirement."""
        if fault.name != "no_requirement" or not facts:
            return None
        (item,), word = fault.args, facts[0].name
        part = isinstance(item, Term) and item.name == "part"
        if not part and str(plain(item)) not in self.known.get(constant("criterion"), ()):
            return None
        what = "a part of a criterion" if part else "a criterion"
        return f"`{word}` takes a requirement, and {_shown(item)} is {what}"

    def _hint(self, fault: Term) -> str:
        """What was meant, most likely."""
        if fault.name == "no_requirement":
            return self._requirement(fault.args[0])
        if fault.name == "unused_part":
            return self._nearest_part("used_part", *fault.args)
        ids = [(kind, str(plain(name))) for kind, name in _unknown(fault) if kind in _IDS]
        if ids and ids[0][1] not in self.known.get(ids[0][0], ()):
            return self._nearest_id(*ids[0])
        for kind, name in _unknown(fault):
            known = self.known.get(kind, ())
            if str(plain(name)) not in known:
                return (
                    self._stands_for(kind, name)
                    or suggestion(str(plain(name)), known, _HOW_LIKE.get(kind.name, FACT))
                    or _known(kind, name, known)
                )
        return ""

    def _nearest_id(self, kind: Term, name: str) -> str:
        """The id that a misspelt one was to be: long words alone, as any code is like many others."""
        return suggestion(name, self.known.get(kind, ()), spelling.NAME)

    def _requirement(self, requirement: Value) -> str:
        """What a requirement was to be, most likely; of a text, which criterion was meant."""
        if isinstance(requirement, str):
            return self._nearest_id(constant("criterion"), requirement)
        if isinstance(requirement, Term) and requirement.name in _INSTEAD:
            instead = _INSTEAD[requirement.name]
            return (
                instead.format(*map(written, requirement.args))
                if instead.count("{}") == len(requirement.args)
                else ""
            )
        if isinstance(requirement, Term) and requirement.name == "complement" and len(requirement.args) == 1:
            return self._complemented(requirement.args[0])
        if not isinstance(requirement, Term):
            return suggestion(str(requirement), self.known.get(constant("criterion"), ()), FACT)
        arity = self.known.get(Term("arity", (constant(requirement.name),)))
        if arity:
            return f": `{requirement.name}` has {arity[0]} argument{'s' if arity[0] != '1' else ''}"
        if not requirement.args and "true" in self.known.get(Term("value", (requirement,)), ()):
            return f"; did you mean `yes({requirement})`?"
        return suggestion(requirement.name, self.known.get(constant("form"), ()))

    def _complemented(self, requirement: Value) -> str:
        """What is wrong with what a complement is made of."""
        known = Term("arity", (constant(requirement.name if isinstance(requirement, Term) else ""),))
        if isinstance(requirement, Term) and requirement.args and known not in self.known:
            return self._requirement(requirement)
        return ": `complement` takes one requirement, which is no `complement` itself"

    def _stands_for(self, kind: Term, name: Value) -> str:
        """That a name is another one of drugs, each of which has one of its own."""
        if kind not in (constant("drug"), constant("member")):
            return ""
        drugs = sorted(
            str(plain(term.args[1]))
            for term in self.facts
            if term.name == "stands_for" and term.args[0] == name
        )
        return f"; it stands for {', '.join(f'`{drug}`' for drug in drugs)}: write that" if drugs else ""


def _known(kind: Term, name: Value, known: Sequence[str]) -> str:
    """The names that somebody may look for; of drugs there are too many, and few are alike."""
    listed = kind.name in _LISTED and known
    return f" (known: {nearest_few(plain(name), sorted(set(known)))})" if listed else ""


def _values(found: Mapping[str, list[Term]]) -> Iterator[tuple[Term, Value]]:
    """The values of each attribute, under a kind of their own."""
    for attribute, kind in pairs(found["domain"]):
        own: list[Value] = [value for a, value in pairs(found["listed"]) if a == attribute]
        if kind == constant("flag"):
            own = [constant("true"), constant("false")]
        elif kind == constant("drugs"):
            own = [term.args[0] for term in found["drug"]]
        yield from ((Term("value", (attribute,)), value) for value in own)


_IDS = tuple(map(constant, ("criterion", "section", "node", "located")))
"""Kinds whose names are the source's own numbers, for the most part."""

_INSTEAD = {
    "excludes_any": "; write `complement(includes_any({}, {}))`",
    "not_empty": "; write `complement(empty({}))`",
    "non_empty": "; write `complement(empty({}))`",
    "is_not": "; write `complement(is({}, {}))`",
    "not_among": "; write `complement(among({}, {}))`",
    # What is most like these is their opposite, or asks for less.
    "includes_all": "",
    "excludes_all": "",
}
"""What to write instead of a requirement that looks like another, by its form."""

_NAMED: dict[str, tuple[str | int, int]] = {
    "undeclared": (0, 1),
    "no_attribute": ("attribute", 1),
    "no_document_type": ("document_type", 0),
    "no_section": ("section", 0),
    "no_criterion": ("criterion", 0),
    "no_set": ("set", 1),
    "kind": ("kind", 1),
}
"""Which argument of a fault is the unknown name, and of what kind: the kind's name, or its place."""


_LISTED = ("attribute", "document_type", "kind", "interpretation", "value", "set")
"""Kinds of which what is known is told where nothing is like an unknown name."""

_HOW_LIKE = {"drug": NAME, "member": NAME, "kind": WORD, "type": WORD, "limit": WORD}
"""How like a name of a kind has to be to be suggested; one of another kind as what facts are about."""


def _unknown(fault: Term) -> Iterator[tuple[Term, Value]]:
    """The name that nothing declares, and its kind, where a fault is about one."""
    args = fault.args
    if fault.name == "no_alternative":
        yield Term("interpretation", (args[0],)), args[1]
    elif fault.name == "no_value_of":
        yield Term("value", (args[0],)), args[1]
    elif fault.name == "no_value" and isinstance(args[0], Term):
        requirement = args[0].args[0] if args[0].name == "complement" else args[0]
        if isinstance(requirement, Term):
            yield Term("value", (requirement.args[0],)), args[1]
    elif fault.name == "no_duration" and isinstance(args[1], Term) and len(args[1].args) == 2:
        yield constant("attribute"), args[1].args[1]
    elif fault.name in _NAMED:
        kind, place = _NAMED[fault.name]
        of = constant(kind) if isinstance(kind, str) else args[kind]
        if isinstance(of, Term):
            yield of, args[place]


_COUNTED = ("unfit", "no_number", "no_value_of", "cost", "cost_of_change", "no_strength")


def _number_in_quotes(fault: Term) -> str | None:
    """Where a number is wanted, and stands in quotes."""
    if fault.name not in (*_COUNTED, "no_duration", "no_requirement"):
        return None
    asked = fault.args[1:] if fault.name == "no_duration" else fault.args
    texts = [part for arg in asked for part in subterms(arg) if isinstance(part, str)]
    number = next((text for text in texts if re.fullmatch(r"\s*-?[0-9]+\s*", text)), None)
    if number is None or (fault.name == "no_requirement" and number == fault.args[0]):
        return None
    return f"`{written(number)}` is text; write the number {number.strip()}"


_FIRST = ("no_requirement", "no_criterion", "no_document_type", "no_section")
_LAST = ("undeclared", "not_a_name", "no_value_of", "no_value")


def _tuple(fault: Term, facts: Sequence[Term]) -> str | None:
    """Where a comma makes one term of several names."""
    named = fault.args[:1] if fault.name in _FIRST else fault.args[-1:]
    if not facts or not named or fault.name not in (*_FIRST, *_LAST):
        return None
    (name,) = named
    if not isinstance(name, Term) or name.name or not name.args or name not in subterms(facts[0]):
        return None
    count = {2: "pair", 3: "triple"}.get(len(name.args), "tuple")
    return f"`{_spaced(facts[0])}` lists one {count}; write `;` between values"


def _spaced(value: Value) -> str:
    """A term as an author would write it, with a space behind each comma."""
    if not isinstance(value, Term) or not value.args:
        return written(value)
    return f"{value.name}({', '.join(map(_spaced, value.args))})"


def _filled(text: str, fault: Term) -> str:
    """The text of a fault with its arguments in their places, see `faults/texts.lp`."""

    def argument(place: re.Match[str]) -> str:
        value: Value = fault
        for number in place[1].split("."):
            value = value.args[int(number) - 1] if isinstance(value, Term) else value
        bare = value if isinstance(value, str) else written(value)
        if place[2] == "name":
            return f"`{bare}`" if re.fullmatch("_*[a-z][a-z0-9_]*", bare) else f'`"{bare}"`'
        return bare if place[2] == "bare" else f"`{bare}`"

    return re.sub(r"\{([\d.]+)(?::(\w+))?\}", argument, text)


def _shown(value: Value) -> str:
    return f"`{value if isinstance(value, str) else written(value)}`"
