"""Facts: named values computed once from other facts. `FACTS` is in `checks.registry`."""
