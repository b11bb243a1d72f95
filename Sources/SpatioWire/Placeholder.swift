// SpatioWire
