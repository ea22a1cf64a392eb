"""A small real SMTP server: what is sent to it is kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Post:
    """The server, and its mail."""

    port: int = 0
    mails: list[str] = field(default_factory=list)
    known: bool = True
    """Does it take the name and password?"""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            await self._talk(reader, writer)
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = "220 post"
        while True:
            writer.write(f"{said}\r\n".encode())
            await writer.drain()
            line = (await reader.readline()).decode().strip()
            match line.split(" ")[0].upper():
                case "EHLO":
                    said = "250-post\r\n250 AUTH PLAIN"
                case "AUTH":
                    said = "235 welcome" if self.known else "535 unknown"
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    self.mails.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                    said = "250 taken"
                case "QUIT" | "":
                    return
                case _:
                    said = "250 good"


@asynccontextmanager
async def post_office() -> AsyncIterator[Post]:
    """The server while it runs."""
    post = Post()
    server = await asyncio.start_server(post.serve, "127.0.0.1", 0)
    post.port = server.sockets[0].getsockname()[1]
    async with server:
        yield post
