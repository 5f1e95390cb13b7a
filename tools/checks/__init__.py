"""Checks of the tree itself, run by `./run test` beside the linters."""
