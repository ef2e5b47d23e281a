"""The commands export and import: users and tasks in files."""
