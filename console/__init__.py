"""The web: customer chat, agent console, health."""
