"""`reseed`: make a server follow its upstream again."""
