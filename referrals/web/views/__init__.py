"""The pages of the dashboard, each resource a blueprint of its own."""
