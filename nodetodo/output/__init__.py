"""Writes results as text and as JSON. Nothing in this package reads a database."""
