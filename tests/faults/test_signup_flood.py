"""Twenty thousand sign-ups for one address from five thousand networks, through the real web server and worker."""

import asyncio
import itertools
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from mailer.bench.signup import percentile
from mailer.bench.visitors import Answered, Connection, Post, rush
from mailer.embedded.ports import free as free_port
from mailer.newsletters.models import Newsletter
from tests.conftest import SECRET
from tests.embedded.house import status
from tests.flows.processes import eventually, running, sink
from tests.services.valkey import valkey
from tests.subscriptions.making import make_newsletter
from tests.web.test_proof import solve

SIGN_UPS = 20_000
NETWORKS = 5_000
AT_A_TIME = 16
VICTIM = "mara@ledger.example"
PATH = "/s/morning"


@dataclass
class Others:
    """Readers who sign up one after the other while the flood lasts: what they waited for, and who came through."""

    port: int
    milliseconds: list[float] = field(default_factory=list)
    let_in: list[str] = field(default_factory=list)
    proofs: int = 0

    async def come(self, flood: "asyncio.Task[list[Answered]]") -> None:
        async with Connection(self.port, PATH) as connection:
            for number in itertools.count(1):
                if flood.done():
                    return
                await self._sign_up(connection, number)

    async def _sign_up(self, connection: Connection, number: int) -> None:
        address = f"reader{number}@paper.example"
        fields = {"email": address, "ref": secrets.token_urlsafe(16)}
        told = await self._post(connection, Post(NETWORKS + number, fields))
        if told["state"] == "proof":
            self.proofs += 1
            payload = await asyncio.to_thread(solve, told["challenge"])
            told = await self._post(connection, Post(NETWORKS + number, {**fields, "altcha": payload}))
        assert told["state"] == "pending", told
        self.let_in.append(address)

    async def _post(self, connection: Connection, post: Post) -> dict[str, Any]:
        answer = await connection.send(post)
        assert answer.status == 200, answer.body
        self.milliseconds.append(answer.milliseconds)
        return answer.told


def sign_ups() -> Iterator[Post]:
    for number in range(SIGN_UPS):
        yield Post(number % NETWORKS, {"email": VICTIM, "ref": secrets.token_urlsafe(16)})


async def flood_and_others(port: int) -> tuple[list[Answered], Others]:
    flood = asyncio.create_task(rush(port, PATH, sign_ups(), AT_A_TIME))
    others = Others(port)
    await others.come(flood)
    return await flood, others


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it takes long, and the guard stands before both
def test_a_flood_for_one_address_is_two_mails_and_others_come_through(
    newsletter: Newsletter, database_url: str, tmp_path: Path
) -> None:
    port = free_port()
    with valkey() as broker, sink(tmp_path) as relay:
        environ = {
            "PORT": str(port),
            "DATABASE_URL": database_url,
            "REDIS_URL": broker.url,
            "SMTP_URL": relay.url,
            "SECRET_KEY": SECRET,
            "DATA_DIR": str(tmp_path),
            "TRUSTED_PROXIES": "1",
            "LOG_LEVEL": "WARNING",
        }
        with running(environ, tmp_path, "web", "worker"):
            eventually(lambda: answers(port), 30, "the web server answers")
            with ThreadPoolExecutor(1) as thread:  # a browser's tests leave a running loop in this one
                told, others = thread.submit(asyncio.run, flood_and_others(port)).result()
            eventually(lambda: {*others.let_in} <= {*relay.copies()}, 60, "every other reader has a mail")
        copies = relay.copies()
    states = {answer.told["state"] for answer in told}
    waited = sorted(others.milliseconds)
    figures = f"p50 {percentile(waited, 50)} ms, p95 {percentile(waited, 95)} ms"
    print(f"\n{copies[VICTIM]} mails; {len(others.let_in)} others, {others.proofs} by proof: {figures}")  # noqa: T201
    assert len(told) == SIGN_UPS
    assert states == {"pending", "proof"}
    assert 1 <= copies[VICTIM] <= 2
    assert {copies[address] for address in others.let_in} == {1}
    assert others.proofs > 0


def answers(port: int) -> bool:
    try:
        return status(f"http://127.0.0.1:{port}/privacy") == 200
    except OSError:
        return False
