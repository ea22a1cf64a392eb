"""Past runs on the code of today: deterministic or not, what people saw, what would be otherwise."""
