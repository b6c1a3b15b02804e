"""A network that never was: invented organizations, people and patients, for trying the service out."""
