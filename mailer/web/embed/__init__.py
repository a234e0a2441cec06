"""The form for other people's pages: the script that is served to them, and the snippets that are pasted."""
