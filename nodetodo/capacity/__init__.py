"""What a load costs a month on demand and with provisioned capacity: arithmetic on prices, no database."""
