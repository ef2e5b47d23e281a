"""A terminal to-do application on Amazon DynamoDB."""

__version__ = "1.0.0"
