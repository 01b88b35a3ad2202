"""/faq: the knowledge base in the messenger, for admins."""
