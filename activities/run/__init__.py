"""`run`: steps of the user's own."""
