"""History from a file: CSV of conversations, CSV of events, JSON Lines of events.

`reading` takes records out of a file, `mapping` says which column is what, `rows` and `lines` make events of them,
gathered by conversation, `apply` writes whole conversations, `refusals` says what was not taken and why.
"""
