"""`catch_up`: wait until a standby has everything that its upstream has."""
