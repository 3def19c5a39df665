"""Supply of compute: trends of the largest site and the largest owner's chips, and the run they allow."""
