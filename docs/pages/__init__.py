"""One module for each page that is made from the program."""
