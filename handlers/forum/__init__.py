"""The agents' forum supergroup: one topic per customer, the card at its head, words both ways."""
