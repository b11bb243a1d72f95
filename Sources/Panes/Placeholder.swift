// Panes
