"""The prober: asks a served application questions over the loopback it shares, and believes nothing of what comes back."""
