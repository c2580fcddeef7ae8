"""The hands: what takes facts in, sweeps what is due, and brings conversations to the rules of today."""
