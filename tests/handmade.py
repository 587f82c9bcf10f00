"""Tiny policies and cases with what would turn them and why they stand, worked out by hand.

The vocabulary is that of `tests/policies/small`: the form's `amount` is 5 where it does not say.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.brute_questions import Change, Repair, Requirements
from tests.small import DOMAINS, Small, requirement_of


class Handmade(NamedTuple):
    """A policy, a case, and what is known of them; None where nothing is said."""

    name: str
    made: Small
    case: dict[str, Any]
    repairs: dict[Repair, int] | None = None
    """Each repair with its cost."""
    counterfactuals: set[Requirements] | None = None
    sufficient: set[Requirements] | None = None
    critical: Requirements | None = None
    forcing: set[Requirements] | None = None
    documents: dict[str, tuple[bool, bool]] | None = None


def _policy(**sections: dict[str, list[str]]) -> Small:
    made = Small(sections=list(sections))
    for name, words in sections.items():
        for word in ("needs", "offers", "unless", "only_if"):
            getattr(made, word)[name] = words.get(word, [])
        made.uses[name] = words.get("uses", [])
        if "routes" in words:
            made.routes[name] = words["routes"]
    return made


def _case(*stated: dict[str, Any], **form: Any) -> dict[str, Any]:
    """A case with a document for each of these, of one day; `day` sets another one."""
    documents = [
        {
            "id": f"d{place}",
            "type": "cheap",
            "date": f"2024-01-0{entry.get('day', 1)}",
            "states": {name: value for name, value in entry.items() if name != "day"},
        }
        for place, entry in enumerate(stated)
    ]
    return {"id": "small", "request": {"given": [], **form}, "documents": documents}


def _requirements(*terms: str) -> Requirements:
    return frozenset(map(requirement_of, terms))


def _repair(*requirements: str, resolve: tuple[str, ...] = (), to: tuple[Change, ...] = ()) -> Repair:
    return Repair(_requirements(*requirements), _requirements(*resolve), frozenset(to))


def _amount(low: int, high: int) -> Change:
    return "amount", frozenset(range(low, high + 1))


def _given(*, empty: bool, u: bool) -> Change:
    lists = DOMAINS["given"]
    return "given", frozenset(v for v in lists if (not v) == empty and ("u" in v) == u)


HANDMADE = [
    Handmade(
        "a change beside a requirement",
        _policy(S0={"needs": ["at_most(amount,3)", "yes(p)"]}),
        _case(),
        # p is shown by a cheap document, 1; the amount costs 2.
        repairs={_repair("yes(p)", to=(_amount(0, 3),)): 3},
        counterfactuals={_requirements("at_most(amount,3)", "yes(p)")},
        # Only the amount is stated otherwise; p is merely open.
        forcing={_requirements("at_most(amount,3)")},
        sufficient=set(),
    ),
    Handmade(
        "regions of numbers have no gaps, and those beside the present one are told apart",
        _policy(S0={"offers": ["is(amount,4)", "at_least(amount,6)"]}),
        _case(),
        repairs={_repair(to=(_amount(4, 4),)): 2, _repair(to=(_amount(6, 8),)): 2},
        counterfactuals={_requirements("is(amount,4)"), _requirements("at_least(amount,6)")},
        forcing={_requirements("is(amount,4)", "at_least(amount,6)")},
    ),
    Handmade(
        "numbers on both sides of what no requirement is true of are two regions",
        # Neither 0 to 3 nor 5 to 8 is 4. From 2, to change to 5 gains nothing.
        _policy(S0={"needs": ["is(amount,4)"]}),
        _case(amount=2),
        repairs={_repair(to=(_amount(4, 4),)): 2},
    ),
    Handmade(
        "a list is changed to what is told apart, and no further",
        _policy(S0={"needs": ["includes(given,u)"]}, S1={"needs": ["empty(given)", "yes(p)"]}),
        _case(given=["v"]),
        repairs={
            _repair(to=(_given(empty=False, u=True),)): 4,
            _repair("yes(p)", to=(_given(empty=True, u=False),)): 5,
        },
        # With u in the list S0 is met; without any, and p, S1. Each is stated otherwise by the form.
        counterfactuals={
            _requirements("includes(given,u)"),
            _requirements("empty(given)", "yes(p)"),
        },
        forcing={_requirements("includes(given,u)", "empty(given)")},
    ),
    Handmade(
        "a requirement in place of a change",
        _policy(S0={"offers": ["at_most(amount,3)", "yes(p)"]}),
        _case(),
        repairs={_repair("yes(p)"): 1, _repair(to=(_amount(0, 3),)): 2},
        counterfactuals={_requirements("yes(p)"), _requirements("at_most(amount,3)")},
        # A document alone turns it: nothing forces the denial.
        forcing=set(),
    ),
    Handmade(
        "a contradiction to resolve",
        _policy(S0={"needs": ["yes(p)"]}),
        _case({"p": True}, {"p": False}),
        # Both count, so one has to be corrected, which costs 3; no further document resolves it.
        repairs={_repair(resolve=("yes(p)",)): 3},
        counterfactuals={_requirements("yes(p)")},
        forcing={_requirements("yes(p)")},
    ),
    Handmade(
        "of what is to be resolved the weaker requirement is enough",
        _policy(S0={"offers": ["at_least(n,4)", "at_least(n,2)"]}),
        _case({"n": 1}, {"n": 7}),
        # The latest document alone counts, so a newer one resolves it: a cheap one, 1.
        repairs={_repair(resolve=("at_least(n,2)",)): 1},
        counterfactuals={_requirements("at_least(n,2)")},
        forcing={_requirements("at_least(n,2)")},
    ),
    Handmade(
        "what is resolved about one attribute is shown by one newer document",
        # is(n,4) is what both say together, and what neither says.
        _policy(S0={"needs": ["at_least(n,4)", "at_most(n,4)"]}),
        _case({"n": 3}, {"n": 7}),
        repairs={_repair(resolve=("at_least(n,4)", "at_most(n,4)")): 1},
    ),
    Handmade(
        "a change leads to another section",
        _policy(
            S0={"needs": ["yes(p)"], "routes": ["is(amount,4)"]},
            S1={"needs": ["yes(q)"], "routes": ["at_least(amount,6)"]},
        ),
        _case(),
        # p is shown for 1, q for 2; the requirements on the amount stand in routes alone.
        repairs={
            _repair("yes(p)", to=(_amount(4, 4),)): 3,
            _repair("yes(q)", to=(_amount(6, 8),)): 4,
        },
        # Routing stays as it is, so no world approves.
        counterfactuals=set(),
    ),
    Handmade(
        "a section out of reach tells no values apart",
        # Whatever changes, a request that nobody asked for does not reach S1, which singles out 2.
        _policy(
            S0={"needs": ["at_most(amount,3)"], "routes": ["no(asked)"]},
            S1={"needs": ["is(amount,2)"]},
        ),
        _case(asked=False),
        repairs={_repair(to=(_amount(0, 3),)): 2},
    ),
    Handmade(
        "a refuted requirement cannot be repaired",
        _policy(S0={"needs": ["yes(p)", "at_least(n,4)"]}),
        _case({"p": False, "n": 3}),
        repairs={},
        counterfactuals={_requirements("yes(p)", "at_least(n,4)")},
        # Either alone keeps the request out.
        forcing={_requirements("yes(p)"), _requirements("at_least(n,4)")},
    ),
    Handmade(
        "alternatives that are all refuted force a denial together",
        _policy(S0={"offers": ["is(c,a)", "is(c,b)"]}),
        _case({"c": "d"}),
        repairs={},
        counterfactuals={_requirements("is(c,a)"), _requirements("is(c,b)")},
        forcing={_requirements("is(c,a)", "is(c,b)")},
    ),
    Handmade(
        "what a requirement entails need not be told beside it",
        _policy(S0={"needs": ["is(c,a)", "among(c,ab)", "yes(p)"]}),
        _case({"c": "d"}, {"p": True}),
        counterfactuals={_requirements("is(c,a)")},
        # Neither can be untrue, and each is in the one correction.
        forcing={_requirements("is(c,a)"), _requirements("among(c,ab)")},
    ),
    Handmade(
        "an attribute that is otherwise loses what is established of it",
        # 3 is at most 4 but not at least 4. Both are true of 4 alone, which is(n,4) says too; yet
        # that requirement stands nowhere, so the one to gain is at_least(n,4).
        _policy(S0={"needs": ["at_least(n,4)", "at_most(n,4)"]}),
        _case({"n": 3}),
        counterfactuals={_requirements("at_least(n,4)")},
        forcing={_requirements("at_least(n,4)")},
    ),
    Handmade(
        "one approval for two reasons",
        _policy(S0={"offers": ["yes(p)", "yes(q)"]}),
        _case({"p": True}, {"q": True}),
        repairs={},
        sufficient={_requirements("yes(p)"), _requirements("yes(q)")},
        critical=frozenset(),
        forcing=set(),
        documents={"d0": (False, False), "d1": (False, False)},
    ),
    Handmade(
        "the weaker of two met requirements is the reason, and the form's are among them",
        _policy(S0={"offers": ["at_least(n,4)", "at_least(n,2)"], "needs": ["empty(given)"]}),
        _case({"n": 5}),
        sufficient={_requirements("at_least(n,2)", "empty(given)")},
        critical=_requirements("at_least(n,2)", "empty(given)"),
        documents={"d0": (True, True)},
    ),
    Handmade(
        "the stronger of two critical requirements is told",
        _policy(S0={"needs": ["at_least(n,4)", "at_least(n,2)"]}),
        _case({"n": 5}),
        sufficient={_requirements("at_least(n,4)")},
        critical=_requirements("at_least(n,4)"),
    ),
    Handmade(
        "of two documents that say the same each can be withdrawn, and neither contradicted",
        _policy(S0={"needs": ["yes(p)"]}),
        _case({"p": True}, {"p": True}),
        documents={"d0": (False, True), "d1": (False, True)},
    ),
    Handmade(
        "what accumulates cannot be contradicted",
        _policy(S0={"needs": ["includes(m,x)"]}),
        _case({"m": ["x"]}),
        documents={"d0": (True, False)},
    ),
    Handmade(
        "a document that is out of date supports nothing",
        _policy(S0={"needs": ["at_least(n,4)"]}),
        _case({"n": 6}, {"n": 5, "day": 2}, {"q": True}),
        # Without the later one the earlier one counts, and says enough as well.
        documents={"d0": (False, False), "d1": (False, True), "d2": (False, False)},
    ),
    Handmade(
        "withdrawing a document can put an older one in its place",
        _policy(S0={"needs": ["at_least(n,4)"]}),
        _case({"n": 3}, {"n": 5, "day": 2}),
        documents={"d0": (False, False), "d1": (True, True)},
    ),
]
