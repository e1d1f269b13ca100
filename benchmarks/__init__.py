"""Measurements. `make bench` runs them and prints ratios to a baseline measured in the same run."""
