"""HOW: one file a technology, `<verb>/<technology>.py`; `catalog.py` lists all, `contract.py` is what each must do."""
