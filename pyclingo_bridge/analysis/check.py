"""Checks a policy over every case there can be: what is wrong with it, proved, and shown on a case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import combinations
from typing import cast

from pyclingo_bridge.analysis.cases import CaseBuilder, CaseSpace
from pyclingo_bridge.analysis.findings import (
    SEVERITIES,
    CheckReport,
    Finding,
    Proof,
    Severity,
    Verdict,
    Witness,
)
from pyclingo_bridge.analysis.interpretations import LEFT_OUT, Interpretations, OneAtATime
from pyclingo_bridge.analysis.many_sections import Answers, Separately, connected
from pyclingo_bridge.analysis.pools import statement_facts
from pyclingo_bridge.analysis.scope import Scopes
from pyclingo_bridge.analysis.wording import KIND_OF, QUESTIONS, Wording
from pyclingo_bridge.base.errors import EngineError
from pyclingo_bridge.base.rule_files import engine_program
from pyclingo_bridge.base.solver import Program, evaluate
from pyclingo_bridge.base.terms import Term, Value, constant, plain, written
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.case_problems import LONGEST_NAME
from pyclingo_bridge.core.decision import FORMAT_VERSION, Decision
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.structure import natural_key

_GOALS = {
    "overlap": "together",
    "overlap_of_durations": "months_differ",
    "no_duration": "no_months",
    "two_durations": "two_durations",
    "unrouted": "unrouted",
    "no_target": "no_target",
    "outcomes_other_than_one": "outcomes_other_than_one",
}
"""The question that a case answers which shows a finding of each kind."""

_ASKED = {
    "never_met": "can_be_met",
    "never_fails": "can_fail",
    "redundant": "only_obstacle",
    "subsumed": "only_route",
    "section_subsumed": "only_section",
    "overlap": "together",
    "overlap_of_durations": "months_differ",
    "no_duration": "no_months",
    "two_durations": "two_durations",
    "gap": "taken_at",
    "end": "taken_at",
    "unrouted": "unrouted",
    "no_target": "no_target",
    "outcomes_other_than_one": "outcomes_other_than_one",
}
"""The questions that are put to the rules for findings of each kind."""


MOST_WAYS = 5
"""The most ways that are reported of mending a section that no case meets."""

MOST_PAIRS = 100_000
"""Pairs of sections that are asked whether one request can meet both."""


class PolicyCheck:
    """One check of one policy under its interpretations."""

    def __init__(self, policy: LoadedPolicy) -> None:
        self._policy = policy
        self._structure = policy.structure
        self._wording = Wording(policy.structure)
        self._scopes = Scopes(policy.structure, policy.facts)
        self._decide = policy.deciding()
        self._left_out: list[str] = []
        self._asked: dict[str, int] = {}

    @cached_property
    def _builder(self) -> CaseBuilder:
        return CaseBuilder.of(self._policy.structure)

    @cached_property
    def _across(self) -> CaseSpace:
        return CaseSpace("across", self._policy.facts)

    def report(self) -> CheckReport:
        """Everything that was found."""
        found = [*self.of_rules(), *self.monotone(), *self._ambiguities(), *self._unused()]
        found.sort(key=_order)
        for kind in ("section_never_met", "section_never_fails"):
            self._asked[kind] = len(self._structure.sections)
        return CheckReport(
            version=FORMAT_VERSION,
            engine=self._policy.engine,
            policy=self._policy.info,
            name=self._policy.info.name,
            interpretations=self._policy.interpretations,
            findings=tuple(found),
            proofs=tuple(self._proofs(found)),
            left_out=tuple(self._left_out),
        )

    def _proofs(self, found: list[Finding]) -> Iterator[Proof]:
        kinds = [KIND_OF.get(finding.kind, finding.kind) for finding in found]
        for kind, question in QUESTIONS.items():
            yield Proof(
                kind=kind,
                question=question,
                asked=self._asked.get(_ASKED.get(kind, kind), 0),
                found=kinds.count(kind),
            )

    # Findings of the rules themselves

    def of_rules(self) -> Iterator[Finding]:
        """What is wrong with the rules under the chosen interpretations, each finding with its case."""
        possible = self._possible()
        answers = _evaluate("findings", [*self._policy.facts, *possible], ("finding", 2), ("where", 2))
        where: dict[Value, list[Value]] = {}
        for term in answers["where"]:
            where.setdefault(term.args[0], []).append(term.args[1])
        # In an order of their own: what the solver was asked before bears on which of several
        # smallest cases it shows.
        found = sorted(((str(term.args[0]), cast(Term, term.args[1])) for term in answers["finding"]), key=str)
        terms = [term for _, term in found]
        causes = RedundancyCauses(self._policy, self._scopes, self._builder, self._decide, terms)
        for severity, term in found:
            places = sorted(where.get(term, []), key=written)
            finding = self._worded(severity, term, places)
            because, witness = causes.of(term, self._wording)
            if because is None and witness is None:
                witness = self._shown(term, places)
            yield finding.model_copy(update={"because": because, "witness": witness})

    def _possible(self) -> list[Term]:
        """Everything that some case witnesses: section by section, across them, and beyond them."""
        seen = self.of_sections() | self.across_sections()
        return _possible_facts(seen) + _possible_facts(self.beyond_sections(seen))

    def of_sections(self) -> set[Term]:
        """What some case witnesses of one section or another, each asked by itself."""
        alone = [[section] for section in self._structure.sections]
        return self._noted(Separately("checks", self._structure, self._scopes).answers(alone))

    def across_sections(self) -> set[Term]:
        """What some case witnesses of sections together, and of requests that go nowhere."""
        sections = len(self._structure.sections)
        if sections * (sections - 1) // 2 > MOST_PAIRS:
            self._left_out.append(
                f"overlaps, requests that go nowhere: there are more than {MOST_PAIRS} pairs of sections"
            )
            return set()
        apart = self._scopes.separable
        space = self._nowhere() if apart else self._across
        for term in space.facts(("unsure", 1))["unsure"]:
            self._left_out.append(
                f"whether use condition {self._wording.item(term.args[0])} is refused: its requirements "
                "exclude one another on more than one attribute, or on a list"
            )
        return self._ask(space) | (self._among() if apart else set())

    def _among(self) -> set[Term]:
        """What some case witnesses of sections that it might meet together, group by group."""
        facing = _evaluate("facing", self._policy.facts, ("facing", 2))["facing"]
        pairs = [(one, other) for one, other in (term.args for term in facing)]
        timed = any(term.name == "duration" for term in self._policy.facts)
        common = [Term("timed_policy", (constant("yes"),))] if timed else []
        asking = Separately("among", self._structure, self._scopes, common)
        found = asking.answers(connected(self._structure.sections, pairs))
        found.asked["outcomes_other_than_one"] = 1
        return self._noted(found)

    def _nowhere(self) -> CaseSpace:
        """Every case as far as it bears on whether requests go nowhere.

        What else documents can say only meets more criteria, and whoever is approved is not sent
        anywhere. So only the requirements that decide where requests go are spoken of.
        """
        deciding = [
            self._structure.beneath.get(term.args[place], frozenset()) | {term.args[place]}
            for term in self._policy.facts
            for name, place in (("use_condition", 1), ("route", 1), ("referral", 0))
            if term.name == name
        ]
        requirements = (item for items in deciding for item in items if item not in self._structure.nodes)
        return CaseSpace("nowhere", self._scopes.silent_elsewhere(self._policy.facts, requirements))

    def beyond_sections(self, seen: set[Term]) -> set[Term]:
        """Where requests end up whose values no section takes, given what some case witnesses."""
        signatures = (("uncovered", 3), ("gap_value", 3))
        beyond = _evaluate("findings", [*self._policy.facts, *_possible_facts(seen)], *signatures)
        values = [term for terms in beyond.values() for term in terms]
        self._ends = CaseSpace("ends", [*self._policy.facts, *values])
        return self._ask(self._ends)

    def _ask(self, space: CaseSpace) -> set[Term]:
        for question in space.questions():
            self._asked[question.name] = self._asked.get(question.name, 0) + 1
        return space.witnessed()

    def _noted(self, found: Answers) -> set[Term]:
        for name, number in found.asked.items():
            self._asked[name] = self._asked.get(name, 0) + number
        return found.witnessed

    def _worded(self, severity: str, term: Term, where: list[Value]) -> Finding:
        subjects = [value for value in term.args if value not in (constant("refer"), constant("deny"))]
        if term.name in ("note", "pooled_alternatives", "pooled_requirements"):
            subjects = subjects[:1]
        return Finding(
            kind=term.name,
            severity=cast(Severity, severity),
            subjects=tuple(self._wording.subject(value) for value in subjects),
            text=self._wording.finding(term, where),
            locators=self._wording.locators(subjects),
        )

    def _shown(self, term: Term, where: list[Value]) -> Witness | None:
        if term.name in ("gap", "end"):
            section, attribute, outcome = term.args
            value = _nearest(where) if where else constant("list")
            question = "falls" if term.name == "gap" else "ends"
            space, goal = self._ends, Term(question, (section, attribute, value, outcome))
        elif term.name in _GOALS:
            goal = Term(_GOALS[term.name], term.args)
            space = self._across
        else:
            return None
        case = self._builder.case(_name(term), space.smallest(goal))
        decision = self._decide(case)
        _verify(term, decision)
        return _witness(case, decision)

    def monotone(self) -> Iterator[Finding]:
        """Whether more documentation makes anything worse."""
        files = engine_program("monotone")
        self._asked["worse_with_more"] = len(self._structure.nodes)
        for term in Program(files, self._policy.facts).possible():
            yield self._worded("error", cast(Term, term.args[0]), [])

    # Findings over the interpretations of the wording

    @cached_property
    def _one_at_a_time(self) -> InterpretationSpace:
        return InterpretationSpace(self._policy, self._policy.once(OneAtATime))

    @cached_property
    def _interpretations(self) -> InterpretationSpace:
        """All combinations: asked only where an ambiguity alone decides nothing."""
        interpretations = self._policy.once(Interpretations)
        if not interpretations.whole:
            self._left_out.append(LEFT_OUT)
        return InterpretationSpace(self._policy, interpretations)

    def _ambiguities(self) -> Iterator[Finding]:
        self._asked["idle_ambiguity"] = self._asked["live_ambiguity"] = len(self._policy.alternatives)
        if not self._policy.alternatives:
            return
        texts = {
            str(plain(term.args[0])): (str(plain(term.args[1])), str(plain(term.args[2])))
            for term in self._structure.facts["ambiguity"]
        }
        for name in self._policy.alternatives:
            label, place = texts.get(name, (name, ""))
            witness = self._one_at_a_time.witness(name, self._builder)
            witness = witness or self._interpretations.witness(name, self._builder)
            live = witness is not None
            yield Finding(
                kind="live_ambiguity" if live else "idle_ambiguity",
                severity="info" if live else "warning",
                subjects=(name,),
                text=f"`{name}` ({label}): "
                + ("its interpretation decides some cases" if live else "no case turns on its interpretation"),
                locators=(place,) if place else (),
                witness=witness,
            )

    def _unused(self) -> Iterator[Finding]:
        kinds = {kind for kind, other in KIND_OF.items() if other == "unused"}
        policy = self._policy
        statements, self._asked["pooled"] = statement_facts(
            policy.files, policy.interpretations, policy.folder, self._structure.members
        )
        own = [*policy.facts, *self._structure.facts["locator"], *statements]
        self._asked["unused"] = len(self._structure.facts["criterion"]) + len(self._structure.members)
        self._asked["unsaid"] = len(self._structure.facts["criterion"])
        self._asked["note"] = len(self._structure.facts["note"])
        asked = _evaluate("unused", own, ("finding", 2))["finding"]
        elsewhere = self._one_at_a_time.used if self._policy.alternatives else set()
        for term in asked:
            severity, inner = str(term.args[0]), cast(Term, term.args[1])
            if inner.name in kinds and inner.args[0] in elsewhere:
                continue
            yield self._worded(severity, inner, _requirements_in(inner, statements))


def _requirements_in(found: Term, statements: Iterable[Term]) -> list[Value]:
    """What a pool asks for, where the finding is about one."""
    if not found.name.startswith("pooled_"):
        return []
    criterion, word, place = found.args
    asked = {term.args[3] for term in statements if term.args[:3] == (place, word, criterion)}
    return sorted(asked, key=written)


def _possible_facts(seen: Iterable[Term]) -> list[Term]:
    return [Term("possible", (entry,)) for entry in sorted(seen, key=str)]


def _nearest(values: list[Value]) -> Value:
    """Of values beyond what sections take the one at the border; of several, the first."""
    numbers = [value for value in values if isinstance(value, int)]
    return max(numbers) if numbers and min(numbers) == 0 else values[0]


def _evaluate(entry: str, facts: Iterable[Term], *signatures: tuple[str, int]) -> dict[str, list[Term]]:
    files = engine_program(entry)
    return evaluate(files, sorted(facts, key=str), signatures)


def _order(finding: Finding) -> tuple[object, ...]:
    kinds = list(QUESTIONS)
    kind = kinds.index(KIND_OF.get(finding.kind, finding.kind))
    return (
        SEVERITIES.index(finding.severity),
        kind,
        [natural_key(name) for name in finding.subjects],
        finding.text,
    )


def _name(term: Term) -> str:
    parts = [term.name, *(str(plain(arg)) for arg in term.args)]
    return "-".join(parts)[:LONGEST_NAME]


def _witness(case: Case, *decisions: Decision) -> Witness:
    return Witness(case=case.model_dump(mode="json"), verdicts=tuple(map(Verdict.of, decisions)))


def _verify(term: Term, decision: Decision) -> None:
    """Hold the decision to what the case was found for: a search that errs must not be believed."""
    names = [str(plain(arg)) for arg in term.args]
    status = {name: result.status for name, result in decision.criteria.items()}
    holds = {
        "overlap": lambda: status[names[0]] == status[names[1]] == "met",
        "overlap_of_durations": lambda: status[names[0]] == status[names[1]] == "met",
        "no_duration": lambda: decision.outcome == "approve" and decision.approval_months is None,
        "two_durations": lambda: decision.section == names[0],
        "gap": lambda: decision.outcome == names[2],
        "end": lambda: decision.outcome == names[2],
        "unrouted": lambda: not decision.criteria,
        "no_target": lambda: decision.outcome == "refer" and decision.refer_to is None,
    }
    if not holds[term.name]():
        raise EngineError(f"the case found for `{term}` is decided otherwise")


class RedundancyCauses:
    """Why items never decide their section, and cases that show it."""

    def __init__(
        self,
        policy: LoadedPolicy,
        scopes: Scopes,
        builder: CaseBuilder,
        decide: Callable[[Case], Decision],
        findings: list[Term],
    ) -> None:
        self._policy = policy
        self._decide = decide
        self._scopes = scopes
        self._builder = builder
        self._suspects = [term for term in findings if term.name in ("redundant", "subsumed")]
        self._asked: dict[Value, tuple[CaseSpace, set[Term], set[Term]]] = {}

    def _sections(self, finding: Term) -> list[Value]:
        """The sections whose wording has the finding's criterion."""
        structure = self._policy.structure
        return [s for s in structure.sections if finding.args[0] in structure.beneath[s]]

    def _space(self, section: Value) -> tuple[CaseSpace, set[Term], set[Term]]:
        """The program for a section, with its answers and questions."""
        if section not in self._asked:
            beneath = self._policy.structure.beneath[section]
            suspects = [Term("suspect", term.args) for term in self._suspects if term.args[0] in beneath]
            space = CaseSpace("causes", [*self._scopes.of(section).facts, *suspects])
            self._asked[section] = (space, space.witnessed(), space.questions())
        return self._asked[section]

    def of(self, finding: Term, wording: Wording) -> tuple[str | None, Witness | None]:
        """What a finding rests on, and a case that shows it; neither where it is of another kind."""
        if finding.name in ("redundant", "subsumed"):
            why = self._redundant if finding.name == "redundant" else self._subsumed
            found = {section: why(finding, section, wording) for section in self._sections(finding)}
            texts = [
                f"in {plain(section)} {text}" if len(found) > 1 else text
                for section, (text, _) in found.items()
            ]
            witnesses = [witness for _, witness in found.values() if witness]
            return "; ".join(texts), witnesses[0] if witnesses else None
        if finding.name == "section_never_met":
            return self._waivers(finding, wording)
        if finding.name in ("never_met", "never_fails", "section_never_fails", "idle_alternatives"):
            return "shown by no case", None
        return None, None

    def _redundant(self, finding: Term, section: Value, wording: Wording) -> tuple[str, Witness | None]:
        item = finding.args[1]
        _, seen, asked = self._space(section)
        sure = sorted(
            (term.args[2] for term in _about(asked, "fails_without", item) if term not in seen),
            key=lambda value: natural_key(str(plain(value))),
        )
        because = (
            f"whenever it is not met, neither is {wording.items(sure[:1])}"
            if sure
            else "whenever it is not met, something else is not met either"
        )
        goals = [term for term in _about(seen, "fails_with", item) if term.args[2] in sure]
        return because, self._case(finding, section, [*goals, *_about(seen, "fails", item)])

    def _subsumed(self, finding: Term, section: Value, wording: Wording) -> tuple[str, Witness | None]:
        item = finding.args[1]
        _, seen, asked = self._space(section)
        holding = _about(seen, "holds", item)
        if not holding:
            return "no case that meets the section meets it", None
        sure = [term.args[2] for term in _about(asked, "holds_without", item) if term not in seen]
        because = (
            f"whenever it is met and the section is, so is {wording.items(sure[:1])}"
            if sure
            else "whenever it is met and the section is, so is another alternative"
        )
        return because, self._case(finding, section, holding)

    def _case(self, finding: Term, section: Value, goals: list[Term]) -> Witness | None:
        if not goals:
            return None
        space, _, _ = self._space(section)
        case = self._builder.case(_name(finding), space.smallest(goals[0]))
        decision = self._decide(case)
        item = str(plain(finding.args[1]))
        if item in decision.criteria:
            met = decision.criteria[item].status == "met"
            if met != (finding.name == "subsumed"):
                raise EngineError(f"the case found for `{finding}` is decided otherwise")
        return _witness(case, decision)

    def _waivers(self, finding: Term, wording: Wording) -> tuple[str, Witness | None]:
        """What would have to go for some case to meet the section, and a case that shows it."""
        own = self._scopes.of(finding.args[0]).facts
        facts = sorted([*own, Term("wanted", (finding.args[0],))], key=str)
        program = Program(engine_program("waivers"), facts, ["--heuristic=Domain"])
        sets = program.answers(set(), program.watch(("waived", 2)), minimal=True, most=MOST_WAYS)
        if not sets:
            return "no request goes to it, whatever is waived", None
        clauses = {
            chosen: " and ".join(sorted(wording.clause(*term.args) for term in chosen)) for chosen in sets
        }
        first = min(sets, key=lambda chosen: (len(chosen), clauses[chosen]))
        case = self._builder.case(
            _name(finding), CaseSpace("waivers", facts).smallest_with(("waived", 2), first)
        )
        because = "it could be met without " + ", or without ".join(sorted(clauses.values()))
        return because, _witness(case, self._decide(case))


def _about(terms: Iterable[Term], name: str, item: Value) -> list[Term]:
    """The questions of a name that are about an item."""
    return sorted((t for t in terms if t.name == name and t.args[1] == item), key=str)


class InterpretationSpace:
    """A policy under all of its interpretations at once, over every case."""

    def __init__(self, policy: LoadedPolicy, interpretations: Interpretations) -> None:
        self._policy = policy
        self._variants = interpretations.variants
        self._tags = interpretations.tags
        self._facts = interpretations.facts
        self._every_fact = interpretations.every_fact
        self._space = CaseSpace("ambiguities", [*self._facts, *self._pairs()])
        self._seen = self._space.witnessed()

    @cached_property
    def used(self) -> set[Value]:
        """The criteria and sets that something uses under some interpretation."""
        unused = _evaluate("unused", self._every_fact, ("finding", 2))["finding"]
        idle = {cast(Term, term.args[1]).args[0] for term in unused}
        every = {term.args[0] for term in self._every_fact if term.name in ("criterion", "member")}
        return every - idle

    def _pairs(self) -> Iterator[Term]:
        default = self._policy.interpretations
        sides = list(zip(self._tags, self._variants, strict=True))
        for (one, first), (other, second) in combinations(sides, 2):
            apart = [
                name for name, value in first.interpretations.items() if second.interpretations[name] != value
            ]
            if len(apart) != 1:
                continue
            (name,) = apart
            pair = (
                constant(name),
                constant(first.interpretations[name]),
                constant(second.interpretations[name]),
                one,
                other,
            )
            yield Term("adjacent", pair)
            if all(value == default[key] for key, value in first.interpretations.items() if key != name):
                yield Term("by_default", pair)

    def witness(self, name: str, builder: CaseBuilder) -> Witness | None:
        """A smallest case that the interpretation of an ambiguity decides; None where there is none."""
        mine = [term for term in self._seen if str(term.args[0]) == name]
        for question in sorted(mine, key=lambda term: (term.name != "matters_alone", str(term))):
            case = builder.case(f"ambiguity-{name}", self._space.smallest(question))
            values = [str(term) for term in question.args[1:]]
            for others in self._others(name):
                decisions = [self._policy.under({**others, name: value}).decide(case) for value in values]
                results = {(d.outcome, d.approval_months, d.refer_to) for d in decisions}
                if len(results) > 1:
                    return _witness(case, *decisions)
            raise EngineError(f"the case found for `{question}` is decided alike")
        return None

    def _others(self, name: str) -> list[dict[str, str]]:
        """The interpretations of the other ambiguities, nearest to the default first."""
        default = self._policy.interpretations
        found = {
            tuple(sorted((key, value) for key, value in variant.interpretations.items() if key != name))
            for variant in self._variants
        }
        return [dict(others) for others in sorted(found, key=lambda o: (sum(default[k] != v for k, v in o), o))]
