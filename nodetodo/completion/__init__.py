"""Completes command lines in a shell.

`nodetodo completion <shell>` prints a short script. At each press of Tab, the script runs `nodetodo --complete` with
the unfinished command line. This hidden command prints the candidates, so that the same code completes in all shells.
"""
