"""The SQLite file: its format, its statements and the encoding of items."""
