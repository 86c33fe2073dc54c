"""One module for each shape of input: each turns a file's text into raw records.

A loader knows its format and nothing of cleaning, classification or the index.
"""
