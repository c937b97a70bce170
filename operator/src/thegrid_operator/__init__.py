"""Kubernetes operator for The Grid: rotates consumption keys into Secrets.

What belongs here: gathering facts from the API server and the market, and carrying out the plans
that `thegrid.core` makes of them. What does not: any decision about keys.
"""
