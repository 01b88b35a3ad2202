"""The conversation with a customer: from what was written to what is replied."""
