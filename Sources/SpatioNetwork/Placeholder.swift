// Placeholder: deleted with the first file of this target.
