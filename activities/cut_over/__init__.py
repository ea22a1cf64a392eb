"""`cut_over`: lead the public name to another region."""
