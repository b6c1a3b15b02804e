"""The forms of the dashboard as tables of fields, each tied to the place of its answer in the API's shape."""
