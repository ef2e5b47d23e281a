"""DynamoDB's API operations, one module per group."""
