"""Many referrals from one file: its lines or rows are read, judged one by one, and each gets a receipt."""
