"""Many connections from many threads: `python tests/load`."""
