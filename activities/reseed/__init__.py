"""`reseed`: make a server follow its upstream again, whatever it was before."""
