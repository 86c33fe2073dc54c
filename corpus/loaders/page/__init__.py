"""Saved web pages and HTML inside exports: the article, what stands around it, and what the page says of itself."""
