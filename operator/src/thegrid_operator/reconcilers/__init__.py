"""One file or folder per custom resource: gather the facts, ask the core, carry out its plan.

What belongs here: the order of reads and effects. What does not: decisions, and what objects look
like (`manifests`, `status`). Reconcilers do not know each other.
"""
