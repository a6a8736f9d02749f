"""Every sentence on the screen; a module for each place where they stand."""
