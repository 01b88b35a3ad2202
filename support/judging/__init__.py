"""What follows from the judgement of customers: the rules an admin sets, reasons, strategies, reports."""
