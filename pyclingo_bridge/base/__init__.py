"""What is not about policies: errors, names spelled almost right, files, processes, terms, and the solver."""
