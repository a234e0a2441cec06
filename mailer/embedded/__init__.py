"""What `postroom up` starts on one machine: supervisor, broker, inbox."""
