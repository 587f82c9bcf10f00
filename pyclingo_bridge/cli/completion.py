"""What a shell offers when Tab is pressed: names of policies, interpretations, attributes and criteria.

These run only then. Whatever goes wrong, such as a policy that is half written, nothing is offered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from pyclingo_bridge.base.errors import BridgeError

if TYPE_CHECKING:
    from pyclingo_bridge.policy import Policy


def policy_names(incomplete: str) -> list[str]:
    """The shipped policies."""
    from pyclingo_bridge.base.rule_files import shipped_policies

    return [name for name in shipped_policies() if name.startswith(incomplete)]


def interpretation_choices(ctx: typer.Context, incomplete: str) -> list[str]:
    """Each interpretation of the policy, as NAME=VALUE."""
    policy = _policy(ctx)
    choices = {} if policy is None else policy.alternatives
    offered = (f"{name}={value}" for name, values in choices.items() for value in values)
    return [choice for choice in offered if choice.startswith(incomplete)]


def assignments(ctx: typer.Context, incomplete: str) -> list[str]:
    """The attributes that can be set, each with `=`; behind that the values of one that has few."""
    policy = _policy(ctx)
    if policy is None:
        return []
    from pyclingo_bridge.questions.changes import changeable_names

    vocabulary = policy.vocabulary
    name, equals, _ = incomplete.partition("=")
    attribute = vocabulary.all.get(name)
    if not equals:
        return [f"{each}=" for each in sorted(changeable_names(vocabulary)) if each.startswith(incomplete)]
    values = ("true", "false") if attribute is None or attribute.domain == "flag" else attribute.main
    return [f"{name}={value}" for value in values if f"{name}={value}".startswith(incomplete)]


def attribute_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """The attributes that can be set, or left unset."""
    return [entry.removesuffix("=") for entry in assignments(ctx, incomplete.partition("=")[0])]


def criterion_ids(ctx: typer.Context, incomplete: str) -> list[str]:
    """The criteria of the policy. Where nothing has been typed yet, a file is more likely meant."""
    policy = _policy(ctx) if incomplete else None
    if policy is None:
        return []
    from pyclingo_bridge.base.terms import plain

    ids = (str(plain(criterion)) for criterion in policy.structure.labels)
    return sorted(name for name in ids if name.startswith(incomplete))


def _policy(ctx: typer.Context) -> Policy | None:
    """The policy that the command line names so far, or the default one."""
    from pyclingo_bridge.cases.vocabulary import shipped_defaults
    from pyclingo_bridge.policy import Policy

    try:
        return Policy.load(ctx.params.get("policy") or shipped_defaults()["policy"])
    except BridgeError:
        return None
