"""Readers who agreed elsewhere, from a file.

`sheet` reads it, `standings` knows what its system says of a reader, `intake` makes rows of it, `joining` and `leaving`
store them, and `run` is one file on its way.
"""
