"""One module writes one table or a few that belong together; reads may join. Repositories never commit."""
