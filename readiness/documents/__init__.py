"""What readiness puts on paper, each document from a frozen assessment."""
