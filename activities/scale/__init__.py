"""`scale`: bring the standby region to its working size. Never in, only out."""
