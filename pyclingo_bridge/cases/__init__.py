"""What a case file may say, by a vocabulary, and whether it does."""
