"""The proof: real phones and a real server through thousands of worker-days in a world that fails."""
