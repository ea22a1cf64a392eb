"""The lab's data stores, shared by the tests of a file, and brought back to how each test wants them."""
