"""Writes results as text and as JSON. Nothing here reads a database."""
