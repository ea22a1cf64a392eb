"""`promote`: make the standby the primary."""
