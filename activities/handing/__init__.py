"""The shape of a store whose writer a cloud moves in one operation, which also makes a standby of the former one."""
