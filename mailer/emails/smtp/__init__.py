"""The only SMTP of the house: pipelined, persistent connections, and one clear outcome for each message.

`answers` says what can come of a message, `conversation` is the protocol without a socket, `connection` gives it one
(with TLS), `courier` drives many of them in one thread.
"""

from mailer.emails.smtp.answers import Answer, Envelope, Outcome
from mailer.emails.smtp.courier import Freight, RelayDown, probe, send_many, send_one

__all__ = ["Answer", "Envelope", "Freight", "Outcome", "RelayDown", "probe", "send_many", "send_one"]
