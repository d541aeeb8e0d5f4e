"""Scripted servers in this process, which log every byte that they receive."""
