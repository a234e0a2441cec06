"""Providers that throw a mailbox away after minutes, by the public list that the package carries."""

from disposable_email_domains import blocklist


def is_disposable(domain: str) -> bool:
    """Whether the domain (A-labels, lower case), or one that it lies under, is on the list."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))
