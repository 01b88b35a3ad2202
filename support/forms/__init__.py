"""Forms: what is asked after an answer, slot by slot, until it fills a ticket."""
