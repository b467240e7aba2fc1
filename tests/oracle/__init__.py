"""An independent brute force of the method, to check siteplan against; it imports none of it."""
