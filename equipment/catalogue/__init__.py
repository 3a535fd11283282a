"""Item types that come with the system: a data file, and the reader that checks it."""
