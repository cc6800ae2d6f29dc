"""Installing the engine and its tools into a prefix, without root."""
