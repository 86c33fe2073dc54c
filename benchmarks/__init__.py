"""Kesou and its peers, measured on the same texts with the same questions; `python -m benchmarks --help`."""
