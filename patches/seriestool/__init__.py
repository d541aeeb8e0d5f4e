"""What `patches/series.py` consists of: one module per job."""
