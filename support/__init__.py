"""What the service does, on any channel."""
