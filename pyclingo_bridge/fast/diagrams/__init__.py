"""The minimal sets of a case as decision diagrams: counted, put in order and drawn without listing them.

The diagrams are this package's own, though libraries of zero-suppressed diagrams were tried. `dd` (with CUDD)
and `oxidd` have no operation that keeps minimal sets alone. `graphillion` has one, and a join: for 10^52 sets
of independent choices it takes 196 ms where this takes 14, for 72 tangled criteria 2 to 5 seconds where this
takes 5. But it has one universe of elements for a whole process, so that two policies, or two threads, cannot
use it side by side; nothing bounds its memory; and it orders by sums of floating-point weights, which tell
neither ties by text nor a document that is paid for once. None of the three has levels that hold one closed
set out of several, which is what requirements that entail or exclude each other come to.

From below: `formula` is what there is to meet, `entailment` what requirements on one attribute come to
together, `diagram` the diagrams and their operations, `written_sets` how to write, count and draw their sets,
`document_costs` what documents cost, `numbering` a policy's requirements as bits, `order` the sets one by
one, `sets` those of one case, and `policy` makes them from the statuses of its requirements. Here are numbers
and terms; how they are answered to a reader is in `questions/missing.py`.
"""
