"""What one replica of the inference service keeps its region's data in: a row is written when all of them have it."""

from lab.service_cache import Cache, CacheConfig, CacheError
from lab.service_database import Database, DatabaseConfig, DatabaseError
from lab.service_queue import Queue, QueueConfig, QueueError

STORE_ERRORS = (DatabaseError, CacheError, QueueError)
"""What writing a row may raise: each with a sentence for whoever asked."""


class Stores:
    """What one replica keeps its region's data in."""

    def __init__(self, database: DatabaseConfig, cache: CacheConfig | None, queue: QueueConfig | None) -> None:
        self.database = Database(database)
        self.cache = Cache(cache) if cache else None
        self.queue = Queue(queue) if queue else None

    async def write(self, client: str, number: int, region: str) -> None:
        """Write a row everywhere. Raises DatabaseError, CacheError, QueueError.

        The database first: what it refuses must leave no event. Each may be done twice, so whoever asks may ask again.
        """
        await self.database.write(client, number, region)
        if self.queue is not None:
            await self.queue.publish(client, number, region)
        if self.cache is not None:
            await self.cache.mark(client, number)

    async def close(self) -> None:
        """Close every connection."""
        await self.database.close()
        for store in (self.cache, self.queue):
            if store is not None:
                await store.close()
