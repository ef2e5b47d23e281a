"""Compares the monthly price of a load, on demand and provisioned, with dated prices. Reads no database."""
