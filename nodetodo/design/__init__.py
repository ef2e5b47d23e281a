"""Shows the key design: item collections, the attributes that the index copies, and the requests of each command."""
