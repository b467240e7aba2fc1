"""Arrays and records to measures: no file is read here, and no table column known."""
