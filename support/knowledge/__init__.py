"""The FAQ as the service keeps it: published, edited in drafts, learned from, and tried in the laboratory."""
