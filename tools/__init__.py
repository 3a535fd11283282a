"""What builds, checks and tests Ijaza; nothing here runs in production."""
