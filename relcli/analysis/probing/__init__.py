"""Linear probes: what can be read off the attention a model pays to the picture, and what controls read."""
