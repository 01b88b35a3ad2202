"""Groups of customers, and who moves between them."""
