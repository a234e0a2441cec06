"""Signed links. One salt per purpose, so a token made for one door opens no other."""

from enum import StrEnum

from itsdangerous import BadData, BadSignature, SignatureExpired, Signer, TimestampSigner
from itsdangerous.encoding import base64_decode, base64_encode

DAY = 24 * 3600


class Purpose(StrEnum):
    """What a token may be used for; the value is its salt and must never change, or links already mailed die."""

    CONFIRM = "postroom.confirm.1"
    UNSUBSCRIBE = "postroom.unsubscribe.1"
    VIEW = "postroom.view.1"
    LOGIN = "postroom.login.1"
    PREFERENCES = "postroom.preferences.1"
    MOVE = "postroom.move.1"


MAX_AGE = {Purpose.CONFIRM: 7 * DAY, Purpose.PREFERENCES: 2 * DAY, Purpose.MOVE: DAY}
"""Seconds a link lives. Unsubscribe and view links never expire; of a login link its row knows."""


class BadToken(Exception):
    """The token was not made here for this purpose."""


class ExpiredToken(BadToken):
    """The token was good once; `ids` says what it was for."""

    def __init__(self, ids: tuple[int, ...]) -> None:
        super().__init__("the token is too old")
        self.ids = ids


class Links:
    """Makes and reads the tokens of one installation, and the addresses that carry them."""

    def __init__(self, secret: str, base_url: str, mailbox: str = "") -> None:
        """`mailbox` is where mails that unsubscribe go, empty for the newsletter's own address."""
        self.base_url, self.mailbox = base_url, mailbox
        self._signers = {
            p: (TimestampSigner if p in MAX_AGE else Signer)(secret, salt=p.value, key_derivation="hmac")
            for p in Purpose
        }

    def token(self, purpose: Purpose, *ids: int) -> str:
        """A token for `ids`, which are row numbers."""
        return self._signers[purpose].sign("-".join(map(str, ids))).decode()

    def read(self, purpose: Purpose, token: str) -> tuple[int, ...]:
        """The ids of a token. Raises ExpiredToken (with the ids) or BadToken."""
        if not _ours(token):
            raise BadToken("the token was not made here for this purpose")
        try:
            signer = self._signers[purpose]
            if isinstance(signer, TimestampSigner):
                value = signer.unsign(token, max_age=MAX_AGE[purpose])
            else:
                value = signer.unsign(token)
            return tuple(map(int, value.decode().split("-")))
        except SignatureExpired as error:
            payload = (error.payload or b"").decode()
            raise ExpiredToken(tuple(map(int, payload.split("-")))) from None
        except (BadSignature, ValueError):
            raise BadToken("the token was not made here for this purpose") from None

    def confirm(self, subscription_id: int, request: int) -> str:
        """The address in a confirmation mail; `request` counts the sign-ups, so an older mail cannot undo a leaving."""
        return f"{self.base_url}/c/{self.token(Purpose.CONFIRM, subscription_id, request)}"

    def leave(self, token: str) -> str:
        """The address to leave by, around a token for UNSUBSCRIBE."""
        return f"{self.base_url}/u/{token}"

    def less(self, token: str) -> str:
        """Where a reader chooses to be written to less often, with the same token."""
        return f"{self.leave(token)}/less"

    def change(self, token: str) -> str:
        """Where a reader asks for a fresh link to the preference centre, with the same token."""
        return f"{self.leave(token)}/change"

    def leaving_token(self, subscription_id: int, issue_id: int) -> str:
        """The reader's token of an issue, which says what mail made the reader leave. It opens no preference centre."""
        return self.token(Purpose.UNSUBSCRIBE, subscription_id, issue_id)

    def unsubscribe(self, subscription_id: int, issue_id: int) -> str:
        """The address in List-Unsubscribe and in the footer."""
        return self.leave(self.leaving_token(subscription_id, issue_id))

    def view(self, issue_id: int, edition: int) -> str:
        """The issue in a browser, as the readers of this edition received it; names no reader."""
        return f"{self.base_url}/i/{self.token(Purpose.VIEW, issue_id, edition)}"

    def preferences(self, subscriber_id: int, generation: int) -> str:
        """The preference centre of a reader; `generation` counts their addresses, so a move ends the older links."""
        return f"{self.base_url}/p/{self.token(Purpose.PREFERENCES, subscriber_id, generation)}"

    def move(self, letter_id: int) -> str:
        """The proof of a new address, mailed to it; the letter's row knows whose it is."""
        return f"{self.base_url}/m/{self.token(Purpose.MOVE, letter_id)}"

    def login(self, login_link_id: int) -> str:
        return f"{self.base_url}/desk/login/{self.token(Purpose.LOGIN, login_link_id)}"


def _ours(token: str) -> bool:
    """Whether the signature is written as we write it: the last letter of base64 has bits that nobody reads."""
    signature = token.rpartition(".")[2]
    try:
        return base64_encode(base64_decode(signature)).decode() == signature
    except BadData:
        return False
