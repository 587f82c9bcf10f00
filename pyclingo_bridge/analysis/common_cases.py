"""A case as far as a vocabulary knows it, and cases that two vocabularies read each in its own way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyclingo_bridge.analysis.cases import CaseBuilder, Dating, document_types
from pyclingo_bridge.base.errors import PolicyError
from pyclingo_bridge.base.terms import Term, Value, original, plain
from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.cases.case_problems import value_problems
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.structure import Structure

_UNKNOWN = object()


def restricted(case: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """A case file's data without what a vocabulary does not know.

    An attribute, or a value of one, that it does not know is left out: of a document, where it is
    open then, and of the request form, where its default holds. Of a list the members that it does
    not know are left out; a document's list of which nothing is left is left out too. Drugs may
    bear any name. A document of a type that it does not know becomes one of a type that it does:
    types decide nothing. Of details nothing is kept: they say what is concluded from them.

    Args:
        case: the data, as `decide` takes them for some vocabulary or other.
        vocabulary: what may stay.
    """
    request = {
        name: known
        for name, value in case["request"].items()
        if (known := _known(vocabulary.request_attributes.get(name), value, True)) is not _UNKNOWN
    }
    documents = [_document(entry, vocabulary) for entry in case["documents"]]
    return {
        "id": case["id"],
        "request": request,
        "documents": [entry for entry in documents if entry["states"]],
    }


def _document(entry: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    states = {
        name: known
        for name, value in entry["states"].items()
        if (known := _known(vocabulary.stated_attributes.get(name), value, False)) is not _UNKNOWN
    }
    # In the order of the document, though what qualifies a list goes with the list.
    kept = {
        name: states.get(name, value)
        for name, value in entry["states"].items()
        if name in states or _qualifies(name, value, states, vocabulary)
    }
    kind = entry["type"]
    if kind not in vocabulary.document_types:
        usual = [vocabulary.shown_by[name][0] for name in kept if vocabulary.shown_by.get(name)]
        kind = usual[0] if usual else min(vocabulary.document_types)
    return {**entry, "type": kind, "states": kept}


def _qualifies(name: str, value: Any, states: Mapping[str, Any], vocabulary: Vocabulary) -> bool:
    return isinstance(value, bool) and vocabulary.qualifiers.get(name) in states


def _known(attribute: Attribute | None, value: Any, form: bool) -> Any:
    """What is left of a value; `_UNKNOWN` where nothing is."""
    if attribute is None:
        return _UNKNOWN
    if attribute.domain == "list" and isinstance(value, list | tuple):
        members = [member for member in value if member in attribute.listed]
        if value and not members and (not form or attribute.non_empty):
            return _UNKNOWN
        value = members
    return _UNKNOWN if any(value_problems(value, attribute, ())) else value


class SharedCaseBuilder(CaseBuilder):
    """Writes case files of which each of several vocabularies knows a part."""

    def __init__(self, structures: Sequence[Structure]) -> None:
        """Take the policies' structures.

        Errors: PolicyError where no request form suits all of them.
        """
        self._vocabularies = [structure.vocabulary for structure in structures]
        builders = [CaseBuilder.of(structure) for structure in structures]
        strengths = [builder._strengths for builder in builders]
        datings = [builder._dating for builder in builders]
        dating = Dating(
            growing=frozenset().union(*(each.growing for each in datings)),
            silent=frozenset().union(*(each.silent for each in datings)),
        )
        super().__init__(self._vocabularies[0], self._shared_types(), _merged(strengths), dating)
        qualifiers = [vocabulary.qualifiers for vocabulary in self._vocabularies]
        self._alone = frozenset(
            name for name in set().union(*qualifiers) if len({known.get(name) for known in qualifiers}) > 1
        )
        self._shared_form = list(self._form_of_all())

    def _attribute(self, name: Value) -> Attribute | None:
        known = [
            vocabulary.attributes[str(plain(original(name)))]
            for vocabulary in self._vocabularies
            if str(plain(original(name))) in vocabulary.attributes
        ]
        if isinstance(name, Term) and name.name == "by" and isinstance(name.args[0], int):
            # Kept apart by a number, in the order in which the policies have it.
            return known[min(name.args[0], len(known)) - 1]
        return known[0] if known else None

    def _form(self) -> Iterable[Attribute]:
        return self._shared_form

    def _form_of_all(self) -> Iterable[Attribute]:
        forms = [vocabulary.request_attributes for vocabulary in self._vocabularies]
        for name in dict.fromkeys(name for form in forms for name in form):
            known = [form[name] for form in forms if name in form]
            domains = sorted({each.domain for each in known})
            if len({"name" if domain == "choice" else domain for domain in domains}) > 1:
                domain_text = " for the one, of domain ".join(domains)
                raise PolicyError(
                    f"`{name}` of the request form is of domain {domain_text} for the other policy: no form "
                    "gives both; rename it in one of them"
                )
            required = [attribute for attribute in known if attribute.required]
            first = (required or known)[0]
            if len(required) > 1 and self._common(required) is None:
                raise PolicyError(
                    f"no request can be made to both policies: each needs `{name}` of the request "
                    "form, and there is no value of it that both know"
                )
            yield first

    def _common(self, attributes: Sequence[Attribute]) -> Any:
        """A value of no consequence that all of these have; None where there is none."""
        tried = [super(SharedCaseBuilder, self)._any(attribute) for attribute in attributes]
        tried += [value for attribute in attributes for value in attribute.listed]
        tried += [attribute.minimum for attribute in attributes]
        tried += [[], *([value] for attribute in attributes for value in attribute.listed)]
        fitting = (
            value
            for value in tried
            if not any(problem for each in attributes for problem in value_problems(value, each, ()))
        )
        return next(fitting, None)

    def _any(self, attribute: Attribute) -> Any:
        forms = [vocabulary.request_attributes for vocabulary in self._vocabularies]
        known = [form[attribute.name] for form in forms if attribute.name in form]
        value = self._common(known)
        return self._common([one for one in known if one.required]) if value is None else value

    def _any_type(self) -> str:
        types = [set(vocabulary.document_types) for vocabulary in self._vocabularies]
        return min(set.intersection(*types) or types[0])

    def _shared_types(self) -> dict[str, Sequence[str]]:
        """For each attribute the types that show it, those first that every vocabulary has."""
        common = set.intersection(*(set(each.document_types) for each in self._vocabularies))
        shown = _merged([document_types(vocabulary) for vocabulary in self._vocabularies])
        return {
            name: sorted(dict.fromkeys(kinds), key=lambda kind: (self._barred(name, kind), kind not in common))
            for name, kinds in shown.items()
        }

    def _barred(self, name: str, kind: str) -> int:
        """For how many policies statements of an attribute do not count in documents of a type."""
        return sum(kind not in vocabulary.only_from.get(name, {kind}) for vocabulary in self._vocabularies)


def _merged(tables: Iterable[Mapping[str, Sequence[Any]]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for table in tables:
        for name, values in table.items():
            found.setdefault(name, []).extend(values)
    return found
