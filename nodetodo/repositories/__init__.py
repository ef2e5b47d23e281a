"""Users, tasks and tables in DynamoDB. Only this package writes DynamoDB requests."""
