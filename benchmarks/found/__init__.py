"""Measures the share of a file's visible text that is found: random strings of what a reader sees, asked exactly."""
