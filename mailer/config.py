"""Settings: read once from the environment, typed, and refused at boot with the name and what to write."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

MINIMUM_SECRET_LENGTH = 32

_ADDRESS = re.compile(r"""[^\s<>()\[\]:;,@"\\]+@[^\s<>()\[\]:;,@"\\]+""")


class SettingError(Exception):
    """One or more settings are wrong; the text names each of them and says what to write."""


@dataclass(frozen=True)
class Relay:
    """An SMTP server we hand mail to, as SMTP_URL names it."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: Literal["none", "opportunistic", "required", "implicit"] = "opportunistic"

    @classmethod
    def from_url(cls, url: str) -> "Relay":
        """Read `smtp://user:password@host:port?starttls=required|opportunistic|none` or `smtps://…`."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("write smtp://user:password@host:port or smtps://host:port")
        starttls = parse_qs(parts.query).get("starttls", ["opportunistic"])[-1]
        if starttls not in ("none", "opportunistic", "required"):
            raise ValueError("write starttls=required, starttls=opportunistic or starttls=none")
        implicit = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if implicit else 25),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls="implicit" if implicit else starttls,  # type: ignore[arg-type]  # checked two lines up
        )


class Settings(BaseModel):
    """Everything an operator can set. What is left out runs on the embedded parts of `postroom up`."""

    model_config = ConfigDict(frozen=True)

    port: int = Field(
        8000,
        ge=1,
        le=65532,
        description="Port of the web server. The embedded broker, SMTP inbox and inbox page take the next three.",
    )
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    data_dir: Path = Field(
        Path("var"),
        description="Folder for everything kept on this machine: SQLite file, embedded broker, journals, secret.",
    )
    database_url: str = Field(
        "", description="PostgreSQL, `postgresql://user:password@host/name`. Left out: SQLite in DATA_DIR."
    )
    redis_url: str = Field("", description="Redis or Valkey, `redis://host:6379/0`. Left out: the embedded Valkey.")
    smtp_url: str = Field(
        "",
        description="The relay, `smtp://user:password@host:25?starttls=required` or `smtps://…`. Left out: our inbox.",
    )
    public_url: str = Field(
        "", description="How readers reach this service, `https://news.example.org`. Left out: `http://localhost:PORT`."
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs every link; at least 32 characters, the same everywhere. Left out: `postroom up` makes one.",
    )
    unsubscribe_mailbox: str = Field(
        "",
        description="Where mails that unsubscribe go, `leave@news.example.org`. Left out: to the newsletter's sender.",
    )
    smtp_connections: int = Field(8, ge=1, le=512, description="Open connections to the relay per sending process.")
    send_lanes: int = Field(2, ge=1, le=64, description="Sending processes per machine.")
    worker_processes: int = Field(
        4,
        ge=2,
        le=256,
        description="Celery processes per machine; more than SEND_LANES, or confirmations wait behind issues.",
    )
    web_workers: int = Field(2, ge=1, le=64, description="gunicorn processes.")
    web_threads: int = Field(4, ge=1, le=64, description="Threads per gunicorn process.")
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=8,
        description="How many reverse proxies stand before the web server and overwrite X-Forwarded-….",
    )
    signups_per_minute: int = Field(
        120,
        ge=4,
        description="Sign-ups a form takes in a minute before each of them costs a proof of work.",
    )
    network_precision: Literal["full", "truncated", "none"] = Field(
        "full",
        description="What a proof of consent keeps of the IP address: `full`, `truncated` (to /24 or /48) or `none`.",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""), description="Bearer token for /metrics. Left out: /metrics answers only to this machine."
    )
    allow_private_sources: bool | None = Field(
        None,
        description="Let sources be read from private addresses, and any port. Left out: only without PUBLIC_URL.",
    )
    sample_newsroom: bool | None = Field(
        None, description="Serve the sample newsroom under /demo. Left out: only while PUBLIC_URL is left out too."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much the processes say.")

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, url: str) -> str:
        scheme, separator, rest = url.partition("://")
        if scheme in ("postgres", "postgresql", "postgresql+psycopg") and rest:
            return "postgresql+psycopg://" + rest
        if scheme == "sqlite" and separator:
            return url
        raise ValueError("write postgresql://user:password@host/name")

    @field_validator("redis_url")
    @classmethod
    def _redis_url(cls, url: str) -> str:
        if urlsplit(url).scheme not in ("redis", "rediss"):
            raise ValueError("write redis://host:6379/0 or rediss://…")
        return url

    @field_validator("smtp_url")
    @classmethod
    def _smtp_url(cls, url: str) -> str:
        Relay.from_url(url)
        return url

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("write https://news.example.org, without a query")
        if not url.isascii():
            raise ValueError("write the host as it stands in DNS, xn--…")
        return url.rstrip("/")

    @field_validator("unsubscribe_mailbox")
    @classmethod
    def _unsubscribe_mailbox(cls, address: str) -> str:
        if not _ADDRESS.fullmatch(address):
            raise ValueError("write an address, leave@news.example.org")
        return address

    @field_validator("secret_key")
    @classmethod
    def _secret_key(cls, key: SecretStr) -> SecretStr:
        if len(key.get_secret_value()) < MINIMUM_SECRET_LENGTH:
            raise ValueError(f"write at least {MINIMUM_SECRET_LENGTH} random characters")
        return key

    @model_validator(mode="after")
    def _processes_beside_the_lanes(self) -> "Settings":
        if self.worker_processes <= self.send_lanes:
            raise ValueError(f"WORKER_PROCESSES: write more than SEND_LANES ({self.send_lanes}), or readers wait")
        return self

    @property
    def secret(self) -> str:
        """The signing secret: SECRET_KEY, else the one `postroom up` made in DATA_DIR.

        Raises SettingError when there is neither, so no process ever runs on a known secret.
        """
        if value := self.secret_key.get_secret_value():
            return value
        try:
            return self.secret_file.read_text().strip()
        except FileNotFoundError:
            raise SettingError(
                "SECRET_KEY is not set: write at least 32 random characters, the same on every machine "
                "(`postroom up` makes its own in DATA_DIR)"
            ) from None

    @property
    def secret_file(self) -> Path:
        """Where `postroom up` keeps the secret it made."""
        return self.data_dir / "secret_key"

    @property
    def database(self) -> str:
        """SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'postroom.sqlite').resolve()}"

    @property
    def broker(self) -> str:
        """Address of Redis or Valkey; the embedded one asks for a password that only this installation knows."""
        return self.redis_url or f"redis://:{self.broker_password}@127.0.0.1:{self.broker_port}/0"

    @property
    def broker_port(self) -> int:
        """Port of the embedded broker."""
        return self.port + 1

    @property
    def broker_password(self) -> str:
        """What the embedded broker asks for; derived, so that every process of this installation knows it."""
        return hmac.new(self.secret.encode(), b"embedded broker", hashlib.sha256).hexdigest()[:32]

    @property
    def inbox_port(self) -> int:
        """SMTP end of the embedded inbox."""
        return self.port + 2

    @property
    def inbox_page_port(self) -> int:
        """Page of the embedded inbox."""
        return self.port + 3

    @property
    def relay(self) -> Relay:
        """The server we hand mail to."""
        return Relay.from_url(self.smtp_url or f"smtp://127.0.0.1:{self.inbox_port}?starttls=none")

    @property
    def base_url(self) -> str:
        """How readers reach this service, without a trailing slash."""
        return self.public_url or f"http://localhost:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether readers and staff come over https."""
        return self.base_url.startswith("https://")

    @property
    def private_sources(self) -> bool:
        """Whether sources may be read from private addresses."""
        return not self.public_url if self.allow_private_sources is None else self.allow_private_sources

    @property
    def newsroom(self) -> bool:
        """Whether the sample newsroom is served under /demo."""
        return not self.public_url if self.sample_newsroom is None else self.sample_newsroom


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from `environ`; an empty value counts as left out. Raises SettingError."""
    given = {name: environ[name.upper()] for name in Settings.model_fields if environ.get(name.upper())}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # strings, which pydantic turns into the declared types
    except ValidationError as error:
        raise SettingError("\n".join(map(_sentence, error.errors()))) from None


def _sentence(error: Mapping[str, Any]) -> str:
    """`NAME: what to write`; a rule over several settings names them itself."""
    name = ".".join(map(str, error["loc"])).upper()
    what = error["msg"].removeprefix("Value error, ")
    return f"{name}: {what}" if name else what
