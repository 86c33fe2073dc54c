"""Reads HTML of saved pages and inside exports: the article, what surrounds it, and the page's metadata."""
