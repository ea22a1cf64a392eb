"""`salvage`: find what only a former primary has, before a reseed destroys it."""
