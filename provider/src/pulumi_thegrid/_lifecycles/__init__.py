"""What happens to each kind of resource between its declaration and its end.

What belongs here: plain values in, plain values out, and calls to the market in between. What does
not: Pulumi. `_providers` translates between the two, so nothing here is ever pickled.
"""
