"""What a load costs per month, on demand and provisioned: dated prices and arithmetic, no database."""
