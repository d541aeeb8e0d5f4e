"""Programs and Pythons in which the suite itself does not run: other builds, freezers, archives."""
