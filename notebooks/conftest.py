"""Makes the tests in test/ find the modules here, and draws without a screen."""

import matplotlib

matplotlib.use("agg")
