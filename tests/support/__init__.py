"""What several tests build with: sheets, records and people."""
