"""Published forecasts repeated: their figures beside ours, with both errors, a verdict and tested causes."""
