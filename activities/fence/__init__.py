"""`fence`: make sure that the old primary can take no more writes."""
