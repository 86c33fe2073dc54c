"""Loads Markdown: fields from front matter and exporters' lines, text as the rendered page shows it."""
