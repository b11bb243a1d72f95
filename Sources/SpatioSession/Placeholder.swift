// SpatioSession
