"""Whether what Evac needs is there: checks, each a sentence with what to do next. Nothing is changed by them."""
