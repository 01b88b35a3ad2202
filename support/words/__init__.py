"""What is said and read in three languages: the texts, their dates and numbers, and what customers mean by theirs."""
