"""Pure reports: records and a moment in, a grid for a tab or a terminal out."""
