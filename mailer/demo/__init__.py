"""The sample newsroom: a small fictional news site to try everything on."""
