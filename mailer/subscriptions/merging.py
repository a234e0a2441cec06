"""Two readers turn out to be one: everything of the first comes to the second.

A newsletter that only one of them has is kept as it is. Of one that both have, the second's own choice stays (also a
"no"), unless it was never confirmed; the proofs of both are kept together. Nothing that was agreed or refused is lost.
Links in mails about a subscription that was given up for the other's lead nowhere; nor do links and codes of sign-ups
that went to the first one's mailbox.
"""

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from mailer.subscriptions.models import (
    ConsentRecord,
    LetterKind,
    OwedLetter,
    Subscriber,
    Subscription,
    SubscriptionState,
)
from mailer.subscriptions.preferences import subscriptions


def merge(session: Session, reader: Subscriber, into: Subscriber) -> None:
    """Bring everything of `reader` to `into`; both rows are held."""
    theirs = {each.newsletter_id: each for each in subscriptions(session, into)}
    for mine in subscriptions(session, reader):
        other = theirs.get(mine.newsletter_id)
        if other is None:
            continue
        if other.state == SubscriptionState.PENDING and mine.state != SubscriptionState.PENDING:
            _give_up(session, other, mine)
        else:
            _give_up(session, mine, other)
    _follow(session, reader, into)
    into.generation += 1
    into.uncounted = into.uncounted or reader.uncounted
    session.flush()
    session.execute(delete(Subscriber).where(Subscriber.id == reader.id))


def _give_up(session: Session, subscription: Subscription, kept: Subscription) -> None:
    """End one of two subscriptions to the same newsletter; its proofs go to the other."""
    proofs = update(ConsentRecord).where(ConsentRecord.subscription_id == subscription.id)
    session.execute(proofs.values(subscription_id=kept.id))
    letters = update(OwedLetter).where(OwedLetter.subscription_id == subscription.id)
    session.execute(letters.values(subscription_id=None, due_at=None))
    session.execute(delete(Subscription).where(Subscription.id == subscription.id))


def _follow(session: Session, reader: Subscriber, into: Subscriber) -> None:
    # Of no generation: the links of moves say where the reader is, and do no more.
    moves = update(OwedLetter).where(OwedLetter.subscriber_id == reader.id, OwedLetter.kind == LetterKind.MOVE)
    session.execute(moves.values(request=0))
    letters = update(OwedLetter).where(OwedLetter.subscriber_id == reader.id)
    session.execute(letters.values(subscriber_id=into.id))
    kept = update(Subscription).where(Subscription.subscriber_id == reader.id)
    session.execute(kept.values(subscriber_id=into.id, request=Subscription.request + 1))
