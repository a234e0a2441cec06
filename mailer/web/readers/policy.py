"""What the pages of readers may load, and who may show them in a frame."""

from mailer.newsletters.models import Form


def policy(*, scripts: str = "", posts: str = "'self'", ancestors: str = "'none'", pictures: str = "'self'") -> str:
    """The content policy of a page: where its scripts and pictures come from, where it posts, who frames it."""
    running = f"script-src {scripts}; connect-src {scripts}; " if scripts else ""
    return (
        f"default-src 'none'; {running}style-src 'self'; img-src {pictures}; "
        f"form-action {posts}; frame-ancestors {ancestors}; base-uri 'none'"
    )


def ancestors(form: Form) -> str:
    """Who may frame this form: the sites it is made for, and ourselves; any, when it names none."""
    return " ".join(["'self'", *form.origins.split()]) if form.origins else "*"
