"""`postroom bench …`: what the real pipeline costs, measured on a database and a broker made for the run."""
