"""Users, tasks and their tables: the only place that writes DynamoDB requests."""
