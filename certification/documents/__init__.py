"""What certification puts on paper, each document from plain frozen facts."""
