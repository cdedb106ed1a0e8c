"""What runs inside the sandbox: facts, and checks by family."""
