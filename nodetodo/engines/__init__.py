"""The databases that the program can use, behind one interface."""
