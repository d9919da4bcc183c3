"""A small HTTP client that tells exactly when a request was sent, and never repeats one."""

import asyncio
import json


class NoAnswer(Exception):
    """The connection failed before the answer was complete. The request may have been carried out."""


class Connection:
    """A connection to one server that stays open, and is opened again when it is needed."""

    def __init__(self, server, timeout=30.0):
        self._server, self._timeout, self._writer, self._reader = server, timeout, None, None

    async def send(self, method, path, key=None, body=None, headers=None):
        """Returns the status, the headers in lower case and the content."""
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        head = {"Host": self._server[0], "Content-Length": str(len(content))} | (headers or {})
        if key:
            head["Authorization"] = key
        if body is not None:
            head.setdefault("Content-Type", "application/json")
        text = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in head.items())
        try:
            async with asyncio.timeout(self._timeout):
                if self._writer is None:
                    self._reader, self._writer = await asyncio.open_connection(*self._server)
                self._writer.write(text.encode() + b"\r\n" + content)
                return await self._read()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as failure:
            self.close()
            raise NoAnswer(type(failure).__name__) from failure

    async def _read(self):
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines[1:] if line)]
        known = dict(headers)
        if "content-length" in known:
            content = await self._reader.readexactly(int(known["content-length"]))
        elif known.get("transfer-encoding") == "chunked":
            content = b"".join([chunk async for chunk in self._chunks()])
        else:
            content = b""
        if known.get("connection") == "close":
            self.close()
        return int(lines[0].split(" ")[1]), headers, content

    async def _chunks(self):
        while length := int(await self._reader.readuntil(b"\r\n"), 16):
            yield await self._reader.readexactly(length)
            await self._reader.readexactly(2)
        await self._reader.readuntil(b"\r\n")

    def close(self):
        if self._writer:
            self._writer.close()
        self._writer = None


async def request(server, method, path, key=None, body=None, headers=None, timeout=10.0):
    """Sends one request on a connection of its own."""
    connection = Connection(server, timeout)
    try:
        return await connection.send(method, path, key, body, headers)
    finally:
        connection.close()
