"""Use cases: what a user asks for, each told as numbered steps."""
