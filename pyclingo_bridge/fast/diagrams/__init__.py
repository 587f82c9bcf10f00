"""Families of minimal sets as decision diagrams: counted, ordered and sampled without listing them.

The diagrams are this package's own. Libraries of decision diagrams were looked at for it: the zero-
suppressed diagrams of `dd` and of `oxidd` have two-valued levels and Boolean and set operations, none of
which keeps minimal elements alone, and the many-valued diagrams of `dd` are made from two-valued
ones. What is needed here, the minimal elements of a union and of a join where a level holds one
closed set of requirements out of several, would have to be put together from those in Python, several calls
for every node. Neither library was measured.

`formula` is what there is to meet, `consequences` what requirements on one attribute come to together,
`diagram` the families and their operations, `ways` how to write and count their sets, `covers` what
documents cost, `order` the sets one by one, and `family` what is told of a case.
"""
