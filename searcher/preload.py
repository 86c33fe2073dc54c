"""Loads what the questions of a long-lived process have in common, so that the first of them does not wait for it.

It is imported for that by the server, by batches and with `searcher.Searcher`: numpy takes 70 ms, the tables of folded
characters 5 ms. The command `search`, which answers one question, loads only what that one needs.
"""

from __future__ import annotations

import searcher.execution.arrays.numpy_  # noqa: F401
from searcher.highlight.partial_folding import PartialFolding

PartialFolding(["的"])  # makes the tables
