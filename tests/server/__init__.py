"""Tests of nodetodo serve."""
