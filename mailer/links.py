"""Signed links. One salt per purpose, so a token made for one door opens no other."""

from enum import StrEnum

from itsdangerous import BadSignature, SignatureExpired, Signer, TimestampSigner

CONFIRM_MAX_AGE = 7 * 24 * 3600
"""Seconds a confirmation link lives. Unsubscribe and view links never expire; of a login link its row knows."""


class Purpose(StrEnum):
    """What a token may be used for; the value is its salt and must never change, or links already mailed die."""

    CONFIRM = "postroom.confirm.1"
    UNSUBSCRIBE = "postroom.unsubscribe.1"
    VIEW = "postroom.view.1"
    LOGIN = "postroom.login.1"


class BadToken(Exception):
    """The token was not made here for this purpose."""


class ExpiredToken(BadToken):
    """The token was good once; `ids` says what it was for."""

    def __init__(self, ids: tuple[int, ...]) -> None:
        super().__init__("the token is too old")
        self.ids = ids


class Links:
    """Makes and reads the tokens of one installation, and the addresses that carry them."""

    def __init__(self, secret: str, base_url: str) -> None:
        self.base_url = base_url
        self._dated = TimestampSigner(secret, salt=Purpose.CONFIRM.value, key_derivation="hmac")
        self._lasting = {
            p: Signer(secret, salt=p.value, key_derivation="hmac") for p in Purpose if p is not Purpose.CONFIRM
        }

    def token(self, purpose: Purpose, *ids: int) -> str:
        """A token for `ids`, which are row numbers."""
        value = "-".join(map(str, ids))
        signer = self._dated if purpose is Purpose.CONFIRM else self._lasting[purpose]
        return signer.sign(value).decode()

    def read(self, purpose: Purpose, token: str) -> tuple[int, ...]:
        """The ids of a token. Raises ExpiredToken (with the ids) or BadToken."""
        try:
            if purpose is Purpose.CONFIRM:
                value = self._dated.unsign(token, max_age=CONFIRM_MAX_AGE)
            else:
                value = self._lasting[purpose].unsign(token)
            return tuple(map(int, value.decode().split("-")))
        except SignatureExpired as error:
            payload = (error.payload or b"").decode()
            raise ExpiredToken(tuple(map(int, payload.split("-")))) from None
        except (BadSignature, ValueError):
            raise BadToken("the token was not made here for this purpose") from None

    def confirm(self, subscription_id: int, request: int) -> str:
        """The address in a confirmation mail; `request` counts the sign-ups, so an older mail cannot undo a leaving."""
        return f"{self.base_url}/c/{self.token(Purpose.CONFIRM, subscription_id, request)}"

    def unsubscribe(self, subscription_id: int, issue_id: int) -> str:
        """The address in List-Unsubscribe and in the footer; the issue says which mail made the reader leave."""
        return f"{self.base_url}/u/{self.token(Purpose.UNSUBSCRIBE, subscription_id, issue_id)}"

    def view(self, issue_id: int, topics: int) -> str:
        """The issue in a browser, as readers of these topics received it; names no reader."""
        return f"{self.base_url}/i/{self.token(Purpose.VIEW, issue_id, topics)}"

    def login(self, login_link_id: int) -> str:
        return f"{self.base_url}/desk/login/{self.token(Purpose.LOGIN, login_link_id)}"
