"""Feeds made to hurt their reader."""


def slow() -> str:
    """1.1 MB that keep feedparser busy for more than a minute: a hundred thousand attributes on one element."""
    attributes = " ".join(f'a{number}="v"' for number in range(100_000))
    return (
        f'<rss version="2.0"><channel><title>Slow</title><item {attributes}><title>One</title></item></channel></rss>'
    )


def full() -> str:
    """Ten megabytes that become more than two hundred: an empty dictionary takes 64 bytes and is written with three."""
    return f'{{"version": "https://jsonfeed.org/version/1.1", "items": [{"{}," * 3_300_000}{{}}]}}'
