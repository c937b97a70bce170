"""Decisions about an account of The Grid: what should happen next, given what is wanted and seen.

What belongs here: frozen values, owner tags, and functions from facts to a `Plan`. What does not:
anything that reads a clock, a file, a socket or a random source. The time is always an argument
called `now`; both the Pulumi provider and the Kubernetes operator gather facts, ask a function of
this package, and act on its answer.
"""
