"""The embedded inbox: takes every mail by SMTP, sends none on, and shows them on a page of its own."""
