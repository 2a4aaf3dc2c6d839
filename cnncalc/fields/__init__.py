"""The field of view of one axis, exactly: window, extent, field."""
