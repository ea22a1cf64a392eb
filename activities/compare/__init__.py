"""`compare`: prove that a standby holds the same data as its upstream."""
