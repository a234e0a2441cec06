"""The SMTP end of the inbox. A 250 means committed; mails that come together are committed together."""

import asyncio
import logging
import signal

from mailer.embedded.inbox.conversation import Conversation
from mailer.embedded.inbox.store import Arrival, Store

log = logging.getLogger(__name__)


class Intake:
    """Collects mails from all conversations and writes them batch by batch."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[list[Arrival], asyncio.Future[str]]] = []
        self._arrived = asyncio.Event()

    def keep(self, arrivals: list[Arrival]) -> "asyncio.Future[str]":
        """What to answer, once it is known."""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrivals, answer))
        self._arrived.set()
        return answer

    async def write(self) -> None:
        """Write what arrives, for ever."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            batch, self._waiting = self._waiting, []
            answer = await asyncio.to_thread(self._write, [each for arrivals, _ in batch for each in arrivals])
            for _, waiting in batch:
                waiting.set_result(answer)

    def _write(self, arrivals: list[Arrival]) -> str:
        try:
            self._store.add(arrivals)
        except Exception as error:
            log.exception("The inbox cannot write")
            return f"451 4.3.0 The inbox cannot write: {error}"
        return "250 2.0.0 Kept in the inbox"


async def serve(store: Store, host: str, port: int) -> None:
    """Take mails until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    asked_to_end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked_to_end.set)
    intake = Intake(store)
    writing = asyncio.create_task(intake.write())
    server = await loop.create_server(lambda: Conversation(intake.keep), host, port)
    await asked_to_end.wait()
    server.close()
    writing.cancel()
