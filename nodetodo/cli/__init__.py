"""Parses command lines and converts their arguments to typed values."""
