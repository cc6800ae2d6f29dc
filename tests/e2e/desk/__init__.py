"""What the tests of the console share: the product running, and hands on its pages."""
