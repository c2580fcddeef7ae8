"""The memory: the only code that queries. One module a noun, its table beside its queries."""
