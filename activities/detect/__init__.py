"""`detect`: how it stands now. A reading whatever happens."""
