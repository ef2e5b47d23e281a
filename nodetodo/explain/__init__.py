"""Predicts the requests of a command and their capacity units (--explain), and measures them (--cost).

--explain runs the command itself on a client that sends nothing:

    command        runs --explain
    plan           finds the requests by running the command with different responses
    simulated      runs the command on a client; responses and example_items have its responses
    requests       reads the expressions of a request
    descriptions, units, aws_cli, partiql
                   describe one request, predict its units, and write it for the AWS CLI and as PartiQL
    text           prints a plan, or returns it as JSON

--cost runs the command on its database through a client that measures:

    meter          the client
    cost           prints the measured units and their price, or returns them as JSON
"""
