"""The command line: from argument strings to typed values."""
