"""The sample organization: an invented retailer with people, policies and two weeks of conversations in every state.

`people` and `texts` hold what is invented, `promises` the policies, `conversations` how many stand how, `stories` how
one is told; `rows` and `filling` write it down by the same rules that govern everything else.
"""

from .filling import NAME, TIMEZONE, Admin, Extension, SampleOrganization, fill

__all__ = ["NAME", "TIMEZONE", "Admin", "Extension", "SampleOrganization", "fill"]
