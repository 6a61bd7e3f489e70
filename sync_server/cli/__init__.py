"""The commands of `zoufang`, one module each; imported only when called, so that `--help` is instant."""
