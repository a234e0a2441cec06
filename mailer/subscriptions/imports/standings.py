"""What other systems' exports say of a reader: one table per system, known by the columns that its files have.

Sources, read in November 2026: listmonk, `cmd/subscribers.go` (the export's header); Mailchimp, the files of an
audience export (subscribed, unsubscribed, cleaned, nonsubscribed); Ghost, `packages/members-csv`; MailPoet,
`lib/Subscribers/ImportExport` (its column names are those of an English site). Moments without a zone are UTC.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Cells = Mapping[str, str]
"""The cells of a row by our names for the columns; a column that is not there is empty."""


class Standing(StrEnum):
    """Where a reader stood in the system that they come from."""

    SUBSCRIBED = "subscribed"
    UNCONFIRMED = "unconfirmed"
    """Never said yes to the mail that asked."""
    UNSUBSCRIBED = "unsubscribed"
    BLOCKED = "blocked"
    """Bounced, complained or was blocked: nobody may mail them."""
    OUTSIDE = "outside"
    """A contact who never subscribed, or was switched off there."""


@dataclass(frozen=True)
class System:
    """A system whose exports we read: which columns give it away, what they are called here, and what a row says."""

    name: str
    signs: frozenset[str]
    columns: Mapping[str, str]  # theirs -> ours
    standing: Callable[[Cells], Standing]
    backslashes: bool = False
    note: str = field(default="", compare=False)


def _postroom(cells: Cells) -> Standing:
    known = {
        "": Standing.SUBSCRIBED,
        "active": Standing.SUBSCRIBED,
        "paused": Standing.SUBSCRIBED,
        "pending": Standing.UNCONFIRMED,
        "unsubscribed": Standing.UNSUBSCRIBED,
    }
    return known.get(cells["state"].lower(), Standing.OUTSIDE)


def _mailchimp(cells: Cells) -> Standing:
    """Each file of theirs holds one group; its columns, of the last group only the name of the file, say which."""
    if cells["blocked_at"]:
        return Standing.BLOCKED
    if cells["left_at"]:
        return Standing.UNSUBSCRIBED
    return Standing.OUTSIDE if "nonsubscribed" in cells["file"].lower() else Standing.SUBSCRIBED


def _listmonk(cells: Cells) -> Standing:
    known = {"enabled": Standing.SUBSCRIBED, "blocklisted": Standing.BLOCKED}
    return known.get(cells["state"].lower(), Standing.OUTSIDE)


def _ghost(cells: Cells) -> Standing:
    if cells["deleted_at"]:
        return Standing.OUTSIDE
    return Standing.SUBSCRIBED if cells["wants_mail"].lower() in ("true", "1", "yes") else Standing.UNSUBSCRIBED


def _mailpoet(cells: Cells) -> Standing:
    """What they said to all mail counts first; `inactive` is a subscriber who has not clicked for long."""
    known = {
        "subscribed": Standing.SUBSCRIBED,
        "inactive": Standing.SUBSCRIBED,
        "unconfirmed": Standing.UNCONFIRMED,
        "unsubscribed": Standing.UNSUBSCRIBED,
        "bounced": Standing.BLOCKED,
    }
    everywhere = known.get(cells["state"].lower() or "subscribed", Standing.OUTSIDE)
    if everywhere is not Standing.SUBSCRIBED:
        return everywhere
    return known.get(cells["list_state"].lower() or "subscribed", Standing.OUTSIDE)


OWN = System(
    "postroom",
    frozenset(),
    {
        "email": "email",
        "emailaddress": "email",
        "address": "email",
        "mail": "email",
        "topics": "topics",
        "topic": "topics",
        "createdat": "created_at",
        "created": "created_at",
        "confirmedat": "confirmed_at",
        "confirmed": "confirmed_at",
        "unsubscribedat": "left_at",
        "state": "state",
    },
    _postroom,
)
"""Our own export, and any sheet that names its columns so."""

SYSTEMS = (
    System(
        "mailchimp",
        frozenset({"emailaddress", "leid", "euid"}),
        {
            "emailaddress": "email",
            "optintime": "created_at",
            "optinip": "request_network",
            "confirmtime": "confirmed_at",
            "confirmip": "confirm_network",
            "unsubtime": "left_at",
            "unsubreason": "reason",
            "cleantime": "blocked_at",
            "cleancampaigntitle": "reason",
        },
        _mailchimp,
    ),
    System(
        "listmonk",
        frozenset({"uuid", "email", "attributes", "status"}),
        {"email": "email", "status": "state", "createdat": "created_at"},
        _listmonk,
        note="This file does not say who left the list or never confirmed. Export each group by itself (filter "
        "“subscription status”) and name it: --standing unsubscribed, --standing unconfirmed.",
    ),
    System(
        "ghost",
        frozenset({"email", "subscribedtoemails", "stripecustomerid"}),
        {
            "email": "email",
            "subscribedtoemails": "wants_mail",
            "createdat": "created_at",
            "deletedat": "deleted_at",
        },
        _ghost,
    ),
    System(
        "mailpoet",
        frozenset({"email", "globalstatus", "list"}),
        {
            "email": "email",
            "subscriptiontime": "created_at",
            "subscriptionip": "request_network",
            "confirmationtime": "confirmed_at",
            "confirmationip": "confirm_network",
            "globalstatus": "state",
            "liststatus": "list_state",
            "list": "list",
        },
        _mailpoet,
        backslashes=True,
    ),
)


def plain(column: str) -> str:
    """A column's name as the tables above write it: small letters and digits only."""
    return "".join(character for character in column.lower() if character.isalnum())


def system_of(head: list[str]) -> System:
    """The system whose file has these columns; our own sheet when it is none of the others."""
    columns = set(map(plain, head))
    return next((system for system in SYSTEMS if system.signs <= columns), OWN)
