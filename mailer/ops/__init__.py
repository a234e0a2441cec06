"""What operators see: backlog, pipeline, failures, signs of life."""
