"""`postroom sources show | take | pause | resume | remove`: one source, by its number."""

from datetime import UTC, datetime

import click
from sqlalchemy.orm import Session

from mailer.articles import steering
from mailer.articles.health import health
from mailer.articles.models import Source, Take
from mailer.cli.console import ACTOR, Console, Refusal, command
from mailer.cli.sources import described
from mailer.db import read_only
from mailer.staff import audit

number = click.argument("number", metavar="ID", type=int)


@command(name="show")
@number
def show(console: Console, number: int) -> None:
    """How a source is: its last reading, the next one, what is wrong."""
    now = datetime.now(UTC)
    with console.session() as session:
        read_only(session)
        source = _find(session, number)
        data, how = described(source, now), health(source, now)
    readings = "; ".join(filter(None, (how.last, how.next)))
    words = (source.title, source.url, how.sentence, readings and f"{readings.capitalize()}.")
    console.answer(data, "\n".join(filter(None, words)))


@command(name="take")
@number
@click.argument("decision", type=click.Choice([take.value for take in Take]))
def take(console: Console, number: int, decision: str) -> None:
    """Say what the held items are: news, or known from before under other names. The next poll stores them so."""
    now = datetime.now(UTC)
    with console.session() as session:
        source = _find(session, number)
        if not steering.decide(source, Take(decision), now):
            raise Refusal(f"Nothing of source {number} is held.")
        _commit(session, f"source.taken_as_{decision}", source, now)
    count = f"{source.held_count:,} items"
    told = f"The next reading, which is due now, takes {count} as {'news' if decision == Take.AS_NEWS else 'known'}."
    console.answer({"id": number, "take": decision, "held": source.held_count}, told)


@command(name="pause")
@number
def pause(console: Console, number: int) -> None:
    """Read a source no more; what it brought is in no draft until it is read again."""
    with console.session() as session:
        source = _find(session, number)
        if not source.active:
            raise Refusal(f"Source {number} is paused already.")
        steering.sleep(source)
        _commit(session, "source.put_to_sleep", source, datetime.now(UTC))
    console.answer({"id": number, "active": False}, f"Source {number} is paused. `postroom sources resume {number}`.")


@command(name="resume")
@number
def resume(console: Console, number: int) -> None:
    """Read a paused source again, from now on."""
    now = datetime.now(UTC)
    with console.session() as session:
        source = _find(session, number)
        if source.active:
            raise Refusal(f"Source {number} is not paused.")
        steering.wake(source, now)
        _commit(session, "source.woken", source, now)
    console.answer({"id": number, "active": True}, f"Source {number} is read again.")


@command(name="remove")
@number
def remove(console: Console, number: int) -> None:
    """Take a source away. The articles it brought stay known; those that no other source brings are in no draft."""
    with console.session() as session:
        source = _find(session, number)
        steering.remove(session, source)
        _commit(session, "source.removed", source, datetime.now(UTC))
    console.answer({"id": number, "removed": True}, f"Source {number} is removed: {source.title or source.url}.")


commands: list[click.Command] = [show, take, pause, resume, remove]
"""`postroom sources …`"""


def _find(session: Session, source_id: int) -> Source:
    source = session.get(Source, source_id)
    if source is None:
        raise Refusal(f"There is no source {source_id}. `postroom sources list` shows the numbers.")
    return source


def _commit(session: Session, action: str, source: Source, now: datetime) -> None:
    subject = f"source {source.id} of {source.newsletter.slug}"
    audit.record(session, ACTOR, action, subject, source.title or source.url, now)
    session.commit()
