"""`verify`: prove that it works, from where its users are."""
