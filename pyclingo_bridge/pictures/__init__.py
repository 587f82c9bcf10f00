"""Pictures of answers, as SVG or PNG: readable in gray, and each with a text alternative.

Each function takes answers that are there already, and makes a `Picture`, which is drawn when it is saved:

    >>> from pyclingo_bridge import Case, Policy
    >>> from pyclingo_bridge.pictures import tree
    >>> policy = Policy.load("cp_phar_549")
    >>> case = Case.load("examples/cases/deny/molecular_report_missing.json")
    >>> picture = tree(policy.decide(case))
    >>> picture.alternative.title
    'Prior authorization of sotorasib (Lumakras) as a tree, with the case molecular_report_missing'

`Policy.plot` does both at once.
"""

from pyclingo_bridge.pictures.matrix import matrix
from pyclingo_bridge.pictures.missing_grid import missing
from pyclingo_bridge.pictures.picture import Picture
from pyclingo_bridge.pictures.policy_tree import tree
from pyclingo_bridge.pictures.timeline import timeline

__all__ = ["Picture", "matrix", "missing", "timeline", "tree"]
