"""Reading files people bring, in a limited child process."""
