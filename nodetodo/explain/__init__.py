"""--explain: the plan of a command, told from the requests that it would send, and nothing sent.

    dry      a client that records requests and makes up answers
    plan     which requests follow which answers: the command is run under each of them
    reading  what the expressions of a request say
    words    a request in words; units what it will cost; aws_cli and partiql the same request elsewhere
    show     all that on a terminal, or as JSON

No command is described here. What is said about one is read off the requests that its own code hands to the client.
"""
