"""PROOF: the record of a run."""
