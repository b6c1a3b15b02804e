"""Measures the real server with any number of referrals: every figure beside the floor that it is compared with."""
