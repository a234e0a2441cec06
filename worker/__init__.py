"""The worker: Celery tasks, each a sentence over the rooms of `mailer`."""
