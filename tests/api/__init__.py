"""The API as an agency's system meets it: over HTTP, with a token, on both databases."""
