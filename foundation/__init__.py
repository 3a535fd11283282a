"""What every room stands on: configuration, database, access, audit, jobs, documents, languages."""
