"""Application web des habitants et des agents."""
