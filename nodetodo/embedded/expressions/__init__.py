"""Parses, binds and evaluates DynamoDB's expressions: conditions, updates, projections and key conditions."""
