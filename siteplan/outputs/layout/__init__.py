"""The layout plan as a planning bureau takes it over: one list of layers, in every format."""
