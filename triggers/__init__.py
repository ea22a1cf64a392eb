"""WHO: how a run starts and how people steer it."""
