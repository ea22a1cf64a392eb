"""The command line: one command per file, assembled by `main.py`."""
