"""Acts: the use-cases, in the order of a referral's path. Nothing here commits or sees a request."""
