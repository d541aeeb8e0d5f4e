"""What `python3 tests/packaging` consists of: one module per job."""
