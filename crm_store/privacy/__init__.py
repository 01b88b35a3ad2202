"""Where something of a customer lies, copying it for them, and erasing it (docs/privacy.md)."""
