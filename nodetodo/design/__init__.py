"""The tables as DynamoDB sees them: item collections, the index with what it repeats, and what each command asks."""
