"""The parts of a synthetic city: ground, streets, buildings, people, proposals."""
