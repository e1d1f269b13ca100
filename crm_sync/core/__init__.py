"""Pure functions: no I/O, no clock, no random. Values in, values out."""
