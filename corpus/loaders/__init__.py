"""Loaders: one module for each format, which turns the content of a file into raw records.

Loaders do not depend on cleaning, classification or the index.
"""
