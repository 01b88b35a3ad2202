"""What agents work with: the queue, the card, escalations, and their words to customers."""
