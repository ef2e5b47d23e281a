"""Limits and unit sizes of DynamoDB, each with its AWS source."""

ITEM_BYTES = 409_600
"""Bytes of an item, at most ("Constraints in Amazon DynamoDB", developer guide)."""

BATCH_WRITE_ITEMS = 25
"""Items in one BatchWriteItem, at most (BatchWriteItem, API reference)."""
