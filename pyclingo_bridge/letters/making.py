"""Makes the content of a letter from a decision and what would reverse it. It judges nothing."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

from pyclingo_bridge.cases.case import Case, Document
from pyclingo_bridge.cases.statements import folded_tumor
from pyclingo_bridge.cases.statuses import FINAL, IN_ERROR, set_aside
from pyclingo_bridge.core.decision import (
    CriterionRef,
    CriterionResult,
    Decision,
    Evidence,
    Item,
    Notice,
    Part,
    RequirementResult,
    SectionResult,
    nearest_sections,
    requirements_in,
    wording,
)
from pyclingo_bridge.core.structure import Structure, readable
from pyclingo_bridge.letters.content import (
    Approval,
    Contradiction,
    CriterionPlace,
    Detail,
    Effect,
    LetterContent,
    LetterNotice,
    LetterReferral,
    Named,
    Reason,
    Said,
    SectionReasons,
    Submitted,
    SubmittedStatement,
    Use,
    Ways,
)
from pyclingo_bridge.letters.slots import REVIEWER, SLOTS, Recipient
from pyclingo_bridge.letters.wording import Words, day_of, last_day, long_day

_USES: dict[Effect, Use] = {
    "supports": "counted",
    "refutes": "counted",
    "superseded": "out_of_date",
    "not_counted": "not_counted",
    "silent": "not_settled",
}

_REMARKS: dict[Use, str] = {
    "counted": "counted",
    "in_part": "counted, but leaves a question open",
    "out_of_date": "out of date: a later document speaks of the same",
    "not_counted": "does not count for this: from another type of document, or on another tumor",
    "not_settled": "did not settle what the criteria ask",
    "not_asked": "no criterion asks for it",
    "entered_in_error": "entered in error, and not counted",
    "replaced": "replaced by another document, and not counted",
}

_BEST: tuple[Use, ...] = ("in_part", "counted", "not_settled", "out_of_date", "not_counted", "not_asked")

_ALL_OF = Named(text="all of these", plain="all of these")
_ANY_OF = Named(text="any one of these", plain="any one of these")


def letter_content(
    decision: Decision,
    case: Case,
    structure: Structure,
    to: Recipient,
    slots: Mapping[str, str],
    ways: Ways,
) -> LetterContent:
    """What a letter tells.

    Args:
        decision: the decision.
        case: the case that it is on.
        structure: of the policy that decided.
        to: whose letter it is.
        slots: the filled slots.
        ways: what would lead to an approval, of a denial.
    """
    maker = ContentMaker(decision, case, Words(structure))
    denied = decision.outcome == "deny"
    needed = (slot.name for slot in SLOTS if slot.needed and slot.belongs(to, decision.outcome))
    return LetterContent(
        to=to,
        outcome=decision.outcome,
        outcome_word=decision.outcome_word,
        denial_kind=decision.denial_kind,
        case=decision.case,
        drug=_drug(case, structure),
        request_date=long_day(decision.request_date) if decision.request_date else None,
        policy=decision.policy,
        request=tuple(maker.request()),
        submitted=tuple(map(maker.submitted, case.documents)),
        approval=maker.approval(day_of(slots.get("approval_start", ""))),
        referral=maker.referral(),
        sections=tuple(maker.obstacles()) if denied else (),
        contradictions=tuple(maker.contradictions()) if denied else (),
        ways=ways,
        notices=tuple(map(maker.notice, decision.notices)),
        warnings=(*decision.warnings, *_early(decision.request_date, slots)),
        slots=dict(slots),
        empty_slots=tuple(name for name in needed if name not in slots),
        reviewed=all(name in slots for name in REVIEWER) if denied else None,
    )


def _early(requested: datetime.date | None, slots: Mapping[str, str]) -> Iterator[str]:
    """A letter that is older than the request that it answers."""
    written = day_of(slots.get("letter_date", ""))
    if written is not None and requested is not None and written < requested:
        yield (
            f"the date of the letter, {long_day(written)}, is before the day of the request, "
            f"{long_day(requested)}; check the slot `letter_date`"
        )


def _drug(case: Case, structure: Structure) -> str | None:
    """The drug of the request: as the form names it, else the policy's, if that is about one alone."""
    if isinstance(named := case.request.get("drug"), str):
        return named
    names = {str(term.args[0]) for term in structure.facts["requested_drug"]}
    return readable(names.pop()) if len(names) == 1 else None


class ContentMaker:
    """Makes the parts of a letter's content."""

    def __init__(self, decision: Decision, case: Case, words: Words) -> None:
        self._decision = decision
        self._case = case
        self._words = words
        self._set_aside: dict[str, Use] = {one.id: one.why for one in set_aside(case.documents)}

    def notice(self, one: Notice) -> LetterNotice:
        """What the policy tells besides."""
        return LetterNotice(name=self._words.named(one.id, one.text), locator=one.locator)

    # The request, and what came with it

    def request(self) -> Iterator[Detail]:
        """The entries of the request form, in the order given."""
        for name, value in self._case.request.items():
            if name not in ("date", "drug"):
                yield self._detail(name, value)

    def _detail(self, name: str, value: object) -> Detail:
        return Detail(
            name=self._words.attribute(name),
            value=self._words.value(value),
            plain=self._words.plain_value(value),
        )

    def submitted(self, document: Document) -> Submitted:
        """A document, with what became of its statements."""
        states = tuple(self._statement(document, name, value) for name, value in document.states.items())
        best = self._best(document.id, {one.use for one in states})
        return Submitted(
            id=document.id,
            type=self._words.document_type(document.type),
            date=long_day(document.date),
            status=None if document.status in (FINAL, IN_ERROR) else readable(document.status),
            states=states,
            use=best,
            remark=_REMARKS[best],
        )

    def _statement(self, document: Document, name: str, value: object) -> SubmittedStatement:
        use = self._best(document.id, {self._use(document.id, name)})
        return SubmittedStatement(text=self._words.stated(name, value).text, use=use, remark=_REMARKS[use])

    def _best(self, document: str, uses: Collection[Use]) -> Use:
        """The best of these, unless the document counts for nothing."""
        found: Use = next((use for use in _BEST if use in uses), "not_asked")
        return self._set_aside.get(document, found)

    def _use(self, document: str, name: str) -> Use:
        """What became of a statement; of a flag that a list is whole, what became of the list."""
        asked = self._words.qualified(name)
        uses = {
            _USES[entry.effect]
            for entry in self._evidence()
            if entry.document == document and (asked == entry.attribute or name in entry.details)
        }
        if "counted" in uses and (document, asked) in self._unsettled:
            return "in_part"
        return self._best(document, uses)

    @cached_property
    def _unsettled(self) -> frozenset[tuple[str | None, str]]:
        """Which document speaks of which attribute, and leaves open what keeps a denial from an approval."""
        return frozenset(
            (entry.document, entry.attribute)
            for _, requirement in self._open()
            if requirement.status == "undocumented"
            for entry in requirement.evidence
            if entry.effect == "silent"
        )

    def _evidence(self) -> Iterator[Evidence]:
        for criterion in self._decision.criteria.values():
            for requirement in criterion.requirements():
                yield from requirement.evidence
        for section in self._decision.sections:
            for requirement in requirements_in(section.use_conditions):
                yield from requirement.evidence

    # Approvals and referrals

    def approval(self, start: datetime.date | None) -> Approval | None:
        """For an approval, what it gives from its first day on, as far as that is known."""
        name, months = self._decision.section, self._decision.approval_months
        if self._decision.outcome != "approve" or name is None:
            return None
        own = [item.id for item in wording(self._decision.criteria[name]) if isinstance(item, CriterionRef)]
        return Approval(
            section=self._words.criterion(name),
            months=months,
            last_day=long_day(last_day(start, months)) if start and months else None,
            approved=tuple(self._approved(name)),
            met=tuple(
                self._words.criterion(one) for one in own if self._decision.criteria[one].status == "met"
            ),
        )

    def _approved(self, section: str) -> Iterator[Detail]:
        """The entries of the form that the criteria of a section look at, in the order given."""
        looked_at = {
            entry.attribute
            for name in self._decision.beneath(section)
            for entry in self._decision.criteria[name].evidence
            if entry.document is None
        }
        for name, value in self._case.request.items():
            if name in looked_at:
                yield self._detail(name, value)

    def referral(self) -> LetterReferral | None:
        """For a referral, where to and why."""
        if self._decision.outcome != "refer":
            return None
        referral = self._decision.referral
        reasons = referral.reasons if referral else ()
        basis = referral and self._words.criterion(referral.basis)
        elsewhere = tuple(map(self._elsewhere, self._decision.sections))
        fewest = min((len(one.reasons) for one in elsewhere if one.reasons), default=0)
        return LetterReferral(
            target=self._decision.refer_to,
            basis=basis,
            because=tuple(self._because(reasons)),
            elsewhere=elsewhere,
            nearest=tuple(one for one in elsewhere if one.reasons and len(one.reasons) == fewest),
        )

    def _because(self, reasons: Iterable[RequirementResult]) -> Iterator[Said]:
        """What a referral rests on: what documents say first, as the form says most of it of any request."""
        entries = [entry for reason in reasons for entry in reason.evidence if entry.effect == "supports"]
        for entry in sorted(entries, key=lambda entry: entry.document is None):
            yield self._words.said(entry)

    def _elsewhere(self, section: SectionResult) -> SectionReasons:
        failing = [item for item in section.use_conditions if self._status(item) == "not_met"]
        return SectionReasons(
            section=self._words.criterion(section.id),
            status=section.status,
            reasons=tuple(map(self._reason, failing)),
        )

    # Denials

    def _nearest(self) -> list[SectionResult]:
        nearest = nearest_sections(self._decision)
        return [one for one in self._decision.sections if one.id in nearest or not nearest]

    def obstacles(self) -> Iterator[SectionReasons]:
        """What is not met, in the sections that come nearest to an approval."""
        for section in self._nearest():
            holder = self._decision.criteria[section.id]
            reasons, _ = self._parts(holder)
            yield SectionReasons(
                section=self._words.criterion(section.id), status=section.status, reasons=reasons
            )

    def _parts(self, holder: CriterionResult | Part) -> tuple[tuple[Reason, ...], bool]:
        """What is not met in the wording of a criterion or part, and whether any one of that is enough."""
        main = [self._reason(item) for item in holder.needs if self._status(item) != "met"]
        if all(self._status(item) != "met" for item in holder.alternatives):
            alternatives = [self._reason(item) for item in holder.alternatives]
            if main and len(alternatives) > 1:
                main.append(_group(alternatives, True))
            elif not main and not holder.excuses:
                return tuple(_alternatives(alternatives)), len(alternatives) > 1
            else:
                main += [_group(alternatives, True)] if len(alternatives) > 1 else alternatives
        excuses = [self._reason(item) for item in holder.excuses]
        if not excuses:
            return tuple(main), False
        parts = [*([_group(main, False)] if len(main) > 1 else main), *excuses]
        return tuple(_alternatives(parts)), True

    def _reason(self, item: Item) -> Reason:
        if isinstance(item, RequirementResult):
            statements = tuple(self._statements(item))
            return Reason(
                criterion=None,
                name=self._words.requirement(item.requirement),
                status=item.status,
                statements=statements,
                refuting=tuple(said for said in statements if said.effect == "refutes"),
            )
        if isinstance(item, Part):
            parts, any_one = self._parts(item)
            return parts[0] if len(parts) == 1 else _group(list(parts), any_one)
        result = self._decision.criteria[item.id]
        parts, any_one = self._parts(result)
        place = self._words.criterion(item.id)
        if len(parts) == 1 and parts[0].criterion is None and not parts[0].parts:
            same = {"criterion": place, "name": place.name, "asks": parts[0].name}
            return parts[0].model_copy(update={**same, "partial": self._partial(result)})
        return Reason(
            criterion=place,
            name=place.name,
            status=result.status,
            refuting=_refuting(parts),
            partial=self._partial(result),
            any_one=any_one,
            parts=parts,
        )

    def _partial(self, holder: CriterionResult) -> bool:
        return any(self._status(item) == "met" for item in (*holder.needs, *holder.alternatives))

    def _statements(self, result: RequirementResult) -> Iterator[Said]:
        """Who decides it, or who speaks of it without that."""
        deciding = [entry for entry in result.evidence if entry.effect in ("supports", "refutes")]
        yield from map(self._words.said, deciding or result.evidence)

    def _status(self, item: Item) -> str:
        return self._decision.criteria[item.id].status if isinstance(item, CriterionRef) else item.status

    def contradictions(self) -> Iterator[Contradiction]:
        """The statements that contradict each other, in the sections that come nearest to an approval."""
        found: dict[str, dict[str, Said]] = {}
        criteria: dict[str, dict[str, CriterionPlace]] = {}
        conflicting = ((name, one) for name, one in self._open() if one.status == "conflicting")
        for name, requirement in conflicting:
            attribute = requirement.requirement.attribute
            criteria.setdefault(attribute, {})[name] = self._words.criterion(name)
            for entry in requirement.evidence:
                if entry.effect in ("supports", "refutes"):
                    said = self._words.said(entry)
                    found.setdefault(attribute, {}).setdefault(f"{said.source.text}: {said.text}", said)
        for attribute, statements in found.items():
            documents = {said.document for said in statements.values()}
            two_tumors = self._words.of_tumor(attribute) and self._may_be_two_tumors(documents)
            yield Contradiction(
                name=self._words.question(attribute),
                criteria=tuple(criteria[attribute].values()),
                statements=tuple(statements.values()),
                newer=self._words.latest_counts(attribute),
                two_tumors=two_tumors,
                tumors=self._tumors(documents) if two_tumors else (),
            )

    def _may_be_two_tumors(self, documents: Collection[str | None]) -> bool:
        """Whether these and the request leave open which tumor they are about."""
        named = [one.tumor for one in self._case.documents if one.id in documents]
        return not (self._case.request.get("tumor") and all(named))

    def _tumors(self, documents: Collection[str | None]) -> tuple[str, ...]:
        """The tumors that these name, each once, as long as the request names none."""
        if self._case.request.get("tumor"):
            return ()
        named = (one.tumor for one in self._case.documents if one.id in documents and one.tumor)
        return tuple({folded_tumor(name): name for name in named}.values())

    def _open(self) -> Iterator[tuple[str, RequirementResult]]:
        """The requirements of criteria that are not met, of a denial, with the criterion's id."""
        for section in self._nearest() if self._decision.outcome == "deny" else ():
            for name in dict.fromkeys((section.id, *self._decision.beneath(section.id))):
                criterion = self._decision.criteria[name]
                for requirement in criterion.requirements() if criterion.status != "met" else ():
                    yield name, requirement


def _alternatives(parts: Iterable[Reason]) -> Iterator[Reason]:
    """Alternatives, with those of unnumbered groups among them in the group's place."""
    for part in parts:
        if part.criterion is None and part.any_one and part.parts:
            yield from part.parts
        else:
            yield part


def _group(parts: list[Reason], any_one: bool) -> Reason:
    order = ("not_met", "conflicting", "undocumented", "met")
    statuses = sorted((part.status for part in parts), key=order.index)
    return Reason(
        criterion=None,
        name=_ANY_OF if any_one else _ALL_OF,
        # Of alternatives the best counts, of what is needed together the worst.
        status=statuses[-1 if any_one else 0],
        refuting=_refuting(parts),
        any_one=any_one,
        parts=tuple(parts),
    )


def _refuting(parts: Iterable[Reason]) -> tuple[Said, ...]:
    found = {(said.source.text, said.text): said for part in parts for said in part.refuting}
    return tuple(found.values())
