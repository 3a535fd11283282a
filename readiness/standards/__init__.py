"""Readiness standards that come with the system: data files, and the reader that checks them."""
