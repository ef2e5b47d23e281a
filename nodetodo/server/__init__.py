"""DynamoDB's HTTP protocol in front of the embedded engine: the command serve."""
