"""`restore`: restore the newest backup aside, check it by queries, and remove it."""
