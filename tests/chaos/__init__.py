"""What takes minutes: the promises under long trouble (marker `chaos`, outside of `make test`)."""
