"""The grid as people read it: in a terminal, and as one self-contained page."""
