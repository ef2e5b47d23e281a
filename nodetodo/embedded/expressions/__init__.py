"""DynamoDB's expression language: lexer, grammar, conditions, updates and document paths."""
