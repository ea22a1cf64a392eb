"""The rows of the catalog, by what they need: each file is a tuple of technologies."""
