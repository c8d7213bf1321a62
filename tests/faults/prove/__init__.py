"""What the proofs of docs/trouble.md share. Instances, generator and preloading are of loadtest/measure."""
