"""Plan public-service sites: who is reached on foot, by which site, and why a proposal passes."""
