"""`touchdesk doctor`: looks at the settings, the database, the queues, Telegram and the files; changes nothing."""
