"""The words of public procurement, and where they are kept."""
