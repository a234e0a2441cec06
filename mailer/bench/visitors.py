"""Visitors of the sign-up door: a few connections that stay open, each asking as soon as it was answered."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, Self
from urllib.parse import urlencode

FIRST_NETWORK = int(IPv4Address("20.0.0.0"))


@dataclass(frozen=True)
class Post:
    """A sign-up: its fields, and the number of its visitor, who comes from a network of their own."""

    visitor: int
    fields: dict[str, str]


@dataclass(frozen=True)
class Answered:
    """What came back, and after how many milliseconds."""

    post: Post
    status: int
    body: bytes
    milliseconds: float

    @property
    def told(self) -> dict[str, Any]:
        """The answer that a script reads."""
        told: dict[str, Any] = json.loads(self.body)
        return told


class Connection:
    """HTTP/1.1 to the web server on one port of this machine, kept alive."""

    def __init__(self, port: int, path: str) -> None:
        self._port, self._path = port, path
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._close()

    async def send(self, post: Post, accept: str = "application/json") -> Answered:
        """Send one sign-up and read the whole answer. Raises OSError when the server does not answer."""
        start = time.perf_counter()
        request = self._request(post, accept)
        try:
            status, body = await self._exchange(request)
        except ConnectionError:
            self._close()  # the server may close a connection that lay idle
            status, body = await self._exchange(request)
        return Answered(post, status, body, (time.perf_counter() - start) * 1000)

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        reader, writer = self._streams or await asyncio.open_connection("127.0.0.1", self._port)
        self._streams = reader, writer
        writer.write(request)
        status, body, stays = await _read(reader)
        if not stays:
            self._close()
        return status, body

    def _request(self, post: Post, accept: str) -> bytes:
        body = urlencode(post.fields).encode()
        head = (
            f"POST {self._path} HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            f"Accept: {accept}",
            f"X-Forwarded-For: {IPv4Address(FIRST_NETWORK + post.visitor * 256 + 1)}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        )
        return "\r\n".join([*head, "", ""]).encode() + body

    def _close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


async def rush(port: int, path: str, posts: Iterator[Post], clients: int) -> list[Answered]:
    """Send all of them over `clients` connections; the answers in the order they came."""
    answers: list[Answered] = []

    async def visit() -> None:
        async with Connection(port, path) as connection:
            for post in posts:
                answers.append(await connection.send(post))

    await asyncio.gather(*(visit() for _ in range(clients)))
    return answers


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    try:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
    except asyncio.IncompleteReadError as error:
        raise ConnectionResetError("the web server closed the connection") from error
    return int(first.split()[1]), body, headers.get("connection", "").lower() != "close"
