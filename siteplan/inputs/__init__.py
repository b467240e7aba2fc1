"""Files to records: each reader refuses what it cannot use, with every defect at once."""
