"""The map of the house: each floor imports only from the floors below it, and a machine checks that.

    app                              hangs the doors
    api | web | fhir | worker | cli  doors: they speak, and never import each other
    boundary                         translates: what two or more doors share
    pathway                          acts, in the order of a referral's path; never commits, never sees a request
    models                           remember: rows
    domain                           decides: plain Python, no clock, no I/O
    knowledge                        knows: the published tables

Importing this package imports nothing else: the domain must stay free of Flask.
"""
