"""Views: load and authorise, ask the rules, say the outcome. One module a noun."""
