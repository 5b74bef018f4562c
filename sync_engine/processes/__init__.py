"""Processes of the dictionary, carried out: an event of a record selects processes, whose actions run in order.

Handlers read the newest state and act on that, so doing a thing twice is doing it once, wherever the first try ended.
"""
