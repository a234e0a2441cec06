"""What a hostile or broken world does to the house."""
