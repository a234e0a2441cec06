"""How long the queues are, asked of the broker itself."""

import json
from datetime import UTC, datetime

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from mailer.ops.backlog import Waiting
from mailer.queue import Queue

PATIENCE = 1.0
"""Seconds for the connection and for each answer: a page waits for this."""


def waiting(url: str) -> dict[Queue, Waiting] | None:
    """The jobs in each queue that no worker has taken yet; None when the broker is away."""
    client = Redis.from_url(
        url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, retry=Retry(NoBackoff(), retries=0)
    )
    try:
        with client, client.pipeline(transaction=False) as pipeline:
            for queue in Queue:
                pipeline.llen(queue.value)
                pipeline.lindex(queue.value, -1)  # new jobs are pushed to the left
            answers = pipeline.execute()
    except (RedisError, OSError):
        return None
    lengths, oldest = answers[::2], answers[1::2]
    return {queue: Waiting(lengths[k], _queued_at(oldest[k])) for k, queue in enumerate(Queue)}


def _queued_at(message: bytes | None) -> datetime | None:
    """When a job was asked for, by the header that mailer.queue gives it."""
    try:
        return datetime.fromtimestamp(json.loads(message or b"")["headers"]["queued_at"], UTC)
    except (ValueError, LookupError, TypeError):
        return None
