"""What is written of a run: figures and tables as files, numbers for papers, pages."""
