"""Who a customer is and what is known of them: one record of each person, across channels and departments."""
