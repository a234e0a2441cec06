"""An address for a page that somebody else may be looking at."""


def masked(address: str) -> str:
    """The first letter and the domain: enough to know one's own address by, and no more."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"
