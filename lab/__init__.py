"""Two or three regions on one machine, from real parts, and ways to break them."""
