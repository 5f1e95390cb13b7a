"""Reading and checking of unique device identification, free of Django's database layer."""
