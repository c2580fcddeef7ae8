"""The rules: what a promise is, which one governs a conversation, and whether it was kept.

Nothing in this package knows Flask or SQLAlchemy, and nothing asks for the time: `now` is always an argument.
"""
