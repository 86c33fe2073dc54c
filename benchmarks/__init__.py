"""Benchmarks: measures Kesou and other engines on the same texts with the same questions."""
