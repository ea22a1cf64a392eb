"""One file for each vendor: connections with short bounds, and their errors as sentences."""
