"""A case that is kept open: it takes one change after another, with the decision after each."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any, TypeAlias

from pyclingo_bridge.base.errors import CaseError, listing, quoted
from pyclingo_bridge.cases.case import Case, Document
from pyclingo_bridge.cases.plan import PlanFacts
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.assembly import Known
from pyclingo_bridge.core.assessment import Assessment, RulesVerdict
from pyclingo_bridge.core.decision import Decision, DenialKind, Outcome, Status
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.questions.changes import applied, day_in_force, known_by, plan_beside
from pyclingo_bridge.questions.minimal_sets import check_count
from pyclingo_bridge.questions.missing import MissingSearch, MissingSet

_Key: TypeAlias = tuple[int, int, int]

MOST_KNOWN = 64
"""For how many statuses of all requirements a session remembers missing sets."""


class Session:
    """A case under one policy that takes one change after another; `Policy.session` makes it.

    After each change it answers as a fresh decision on the changed case would. Only what
    the change touched is looked at again, and only when something is asked. A session is for one
    thread at a time; several sessions of one policy do not disturb one another.

    Examples:
        >>> from pyclingo_bridge import Case, Policy
        >>> policy = Policy.load("cp_phar_549")
        >>> case = Case.load("examples/cases/deny/molecular_report_missing.json")
        >>> session = policy.session(case)
        >>> session.outcome, session.statuses["I.A.4"]
        ('deny', 'undocumented')
        >>> [[requirement.text for requirement in missing.requirements] for missing in session.missing()]
        [['KRAS G12C mutation found']]
        >>> session.set("kras_g12c", True)
        >>> session.outcome, session.statuses["I.A.4"]
        ('approve', 'met')

    Every change may raise CaseError; then it would have made no valid case, and the case stays as
    it was.
    """

    def __init__(
        self,
        policy: LoadedPolicy,
        case: Case,
    ) -> None:
        """Use `Policy.session`."""
        self._policy = policy
        self._search = policy.once(MissingSearch.of)
        self._case = case
        self._assessment: Assessment | None = None
        self._decision: Decision | None = None
        self._criteria: Known = {}
        self._known_sets: dict[_Key, _ListedSets] = {}
        self._turn = 1
        self._made: frozenset[str] = frozenset()
        self._touched: frozenset[str] = frozenset()

    def __reduce__(self) -> tuple[Any, ...]:
        own = {"_made": self._made, "_touched": self._touched}
        return type(self), (self._policy, self._case), own

    def __deepcopy__(self, memo: dict[int, Any]) -> Session:
        return self.__copy__()

    def __copy__(self) -> Session:
        # Sessions of one policy do not disturb one another: only the case is copied.
        copy = type(self)(self._policy, self._case)
        copy._made, copy._touched = self._made, self._touched
        return copy

    def set(self, attribute: str, value: Any) -> None:
        """Let the form, or every document that counts and speaks of the attribute, give it this value.

        Where no document does, a further one states it: of the type that most cheaply shows it, dated like
        the request or the last document, its id `what-if`. It goes again once it states nothing. What a
        plan's facts say of the attribute counts no more.

        Args:
            attribute: of the request form, or one that documents state.
            value: as a case file gives it.
        """
        before = self._ids
        self._change({"set": {_name(attribute): value}})
        self._made |= self._ids - before
        self._touched |= {attribute}

    def unset(self, attribute: str) -> None:
        """Let nobody state the attribute."""
        self._change({"unset": (attribute,)})
        self._touched |= {attribute}

    def add_document(self, document: Document | Mapping[str, Any]) -> None:
        """Add a document, as in a case file."""
        self._change({"add_documents": (document,)})

    def amend_document(self, document: str, **fields: Any) -> None:
        """Give a document another `date`, `status`, `replaces`, `tumor` or `type`; None leaves it out."""
        self._change({"amend_documents": {document: fields}})

    def without_document(self, document: str) -> None:
        """Withdraw the document of this id."""
        self._change({"without_documents": (document,)})

    def state(self, document: str, attribute: str, value: Any) -> None:
        """Let one document state this value of the attribute, whatever it stated before.

        Args:
            document: its id.
            attribute: one that documents state.
            value: as a case file gives it.
        """
        self._restate(document, {**self._document(document).states, _name(attribute): value})

    def unstate(self, document: str, attribute: str) -> None:
        """Let one document not speak of the attribute; with a list goes the flag that it is whole."""
        states = self._document(document).states
        if _name(attribute) not in states:
            raise CaseError("change", [f"document {quoted(document)} does not state {quoted(attribute)}"])
        flags = self._vocabulary.qualifiers
        gone = {attribute, *(flag for flag, listed in flags.items() if listed == attribute)}
        self._restate(document, {name: states[name] for name in states if name not in gone})

    @property
    def case(self) -> Case:
        """The case as it now is; no later change touches what this gives."""
        return self._case

    @property
    def outcome(self) -> Outcome:
        """The outcome: approve, deny or refer."""
        return self._verdict.outcome

    @property
    def denial_kind(self) -> DenialKind | None:
        """For a denial, what kind of denial it is."""
        return self._verdict.denial_kind

    @property
    def section(self) -> str | None:
        """For an approval, the section that approves."""
        return self._verdict.section_id

    @property
    def approval_months(self) -> int | None:
        """For an approval, for how long."""
        return self._verdict.approval_months

    @property
    def refer_to(self) -> str | None:
        """For a referral, the policy that takes the request."""
        return self._verdict.refer_to

    @property
    def statuses(self) -> dict[str, Status]:
        """The status of every criterion of the sections that the request goes to, by its id."""
        return self._verdict.statuses(self._policy.structure)

    @property
    def decision(self) -> Decision:
        """The whole decision, as `Policy.decide` gives it."""
        if self._decision is None:
            self._decision = self._policy.decision(self._assessed, self._criteria)
        return self._decision

    def missing(self, first: int | None = None) -> Iterator[MissingSet]:
        """The missing sets of the case as it is when this is asked, as `Policy.missing` gives them.

        Args:
            first: how many; all of them where it is None or 0.

        Errors: ValueError where it is less.
        """
        check_count(first or 0)
        if not self._verdict.curable:
            return iter(())
        assessment = self._assessed
        key = self._key(assessment)
        sets = self._known_sets.pop(key, None) or _ListedSets(lambda: iter(self._search.missing(assessment)))
        if len(self._known_sets) >= MOST_KNOWN:
            del self._known_sets[next(iter(self._known_sets))]
        self._known_sets[key] = sets
        return islice(sets, first or None)

    def _key(self, assessment: Assessment) -> _Key:
        """What missing sets depend on: the statuses of all requirements, and which names would be clarified."""
        weighed, said = assessment.weighed, assessment.said
        drugs = [name for name, one in self._vocabulary.attributes.items() if one.domain == "drugs"]
        stated = (said.request, *(one.states for one in said.documents))
        words = {word for states in stated for name in drugs for word in states.get(name, ())}
        unclear = any(self._vocabulary.names.read_drugs(word).unknown for word in words)
        return weighed.supported, weighed.refuted, self._turn if unclear else 0

    @property
    def _vocabulary(self) -> Vocabulary:
        return self._policy.vocabulary

    @property
    def _assessed(self) -> Assessment:
        if self._assessment is None:
            self._assessment = self._policy.assessor.assess(self._case, self._plan)
        return self._assessment

    @property
    def _plan(self) -> PlanFacts | None:
        """What the plan knows of all that was not set or unset."""
        return plan_beside(self._policy.plan, self._touched) if self._touched else self._policy.plan

    @property
    def _verdict(self) -> RulesVerdict:
        return self._assessed.verdict

    @property
    def _ids(self) -> frozenset[str]:
        return frozenset(document.id for document in self._case.documents)

    def _change(self, changes: Mapping[str, Any]) -> None:
        self._become(self._applied(self._case, changes))

    def _applied(self, case: Case, changes: Mapping[str, Any]) -> Case:
        return applied(case, changes, self._vocabulary, "change", self._undated, self._by_plan)

    @cached_property
    def _undated(self) -> datetime.date:
        return day_in_force(self._policy.structure.facts)

    @cached_property
    def _by_plan(self) -> frozenset[str]:
        """The attributes that the plan's facts are about."""
        return frozenset(known_by(self._policy.plan))

    def _become(self, case: Case) -> None:
        # Or each change back and forth would leave a document behind.
        made = [document for document in case.documents if document.id in self._made]
        empty = tuple(document.id for document in made if not document.states)
        if empty:
            case = self._applied(case, {"without_documents": empty})
        # A case of which nothing can be concluded is no valid one, and is refused before it is taken.
        case.statements(self._vocabulary, self._plan)
        self._made = frozenset(document.id for document in made) - {*empty}
        self._case, self._assessment, self._decision = case, None, None
        self._turn += 1

    def _document(self, name: str) -> Document:
        for document in self._case.documents:
            if document.id == name:
                return document
        there = listing(sorted(document.id for document in self._case.documents)) or "none"
        raise CaseError("change", [f"there is no document {quoted(name)} (known: {there})"])

    def _restate(self, name: str, states: Mapping[str, Any]) -> None:
        """Put a document that states this in the place of the one of that name."""
        new = {**self._document(name).given(), "states": states}
        changes = {"without_documents": (name,), "add_documents": (new,)}
        try:
            case = self._applied(self._case, changes)
        except CaseError as error:
            place = f"document {quoted(name)}"
            lines = [line.replace("add_documents[0]", place, 1) for line in error.problems]
            raise CaseError("change", lines) from None
        places = {document.id: place for place, document in enumerate(self._case.documents)}
        ordered = sorted(case.documents, key=lambda document: places[document.id])
        self._become(case.model_copy(update={"documents": tuple(ordered)}))


def _name(attribute: str) -> str:
    if not isinstance(attribute, str):
        raise CaseError("change", [f"an attribute is named by a text, not {quoted(attribute)}"])
    return attribute


class _ListedSets:
    """Missing sets that are looked for once, and only as far as somebody asked."""

    def __init__(self, search: Callable[[], Iterator[MissingSet]]) -> None:
        self._listed: list[MissingSet] = []
        self._search = search
        self._rest = search()

    def __iter__(self) -> Iterator[MissingSet]:
        place = 0
        while True:
            if place == len(self._listed):
                following = self._next()
                if following is None:
                    return
                self._listed.append(following)
            yield self._listed[place]
            place += 1

    def _next(self) -> MissingSet | None:
        try:
            return next(self._rest, None)
        except BaseException:
            # A search that broke off is over, which is not to say that it had found everything.
            self._rest = islice(self._search(), len(self._listed), None)
            raise
