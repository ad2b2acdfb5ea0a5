"""How well crossfoot reads: labelled cases, degraded texts, scores, runs, their comparison, the report."""
