"""Other sources of records than workbooks: files."""
