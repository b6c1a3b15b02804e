"""The JSON door: partner systems do here what their scopes allow."""
