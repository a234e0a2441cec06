"""E-mails as bytes: rendering, compiling, headers, and the only SMTP."""
