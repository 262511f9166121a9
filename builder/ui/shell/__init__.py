"""The frame around every screen: bar, keys, connection, theme."""
