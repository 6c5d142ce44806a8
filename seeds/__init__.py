"""The data shipped with the platform, and how the demonstration is loaded."""
