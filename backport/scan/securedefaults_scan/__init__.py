"""Finds calls that rely on the unverified default or weaken a context, by reading programs without running them."""
