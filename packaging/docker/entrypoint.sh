#!/bin/sh
# Owns the life of the container: one command of deploymill, and after it the deployments that it left behind.
#
# Deployments run in processes of their own and outlive the server; in a container they would end with its first process,
# which is this one. As process 1 it gets only signals it asks for, so a client's SIGTERM does not reach it: the server
# leaves because its stdin ends.
deploymill "$@"
status=$?

works() {
	for process in /proc/[0-9]*; do
		tr '\0' ' ' 2>/dev/null < "$process/cmdline" | grep -q '/cli\.js worker ' && return 0
	done
	return 1
}

while works; do sleep 1; done
exit "$status"
