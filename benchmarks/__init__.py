"""Each benchmark opens with the claim it measures."""
