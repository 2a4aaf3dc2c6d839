"""What else can be asked of a network: a module or folder per command."""
