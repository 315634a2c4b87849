"""Takes memories out, in a form that comes back without loss and in forms that other programs read."""
