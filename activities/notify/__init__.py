"""`notify`: tell people."""
