"""What a browser fetches: our own style and script, and the few files of others that `build.py` copies beside them."""
