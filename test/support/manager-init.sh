#!/bin/sh
# Turns fresh namespaces into a manager that people log in to: this machine's file system, with a few places of its own.
#
# Runs as process 1 of new mount, uts and pid namespaces (see manager.ts):
#   manager-init.sh STAGE CHECKOUT DOCKER_SOCKET PACKAGES
# STAGE holds what this manager has of its own; PACKAGES is a tree with sshd in it. All mounts vanish with the last process.
set -eu

stage=$1 checkout=$2 socket=$3 packages=$4

hostname manager

# First what a later mount may hide. Relative names: a comma or colon in a path would end an overlay's option.
cd "$stage"
mkdir -p held/checkout held/packages
: > held/docker.sock
mount --bind "$checkout" held/checkout
mount --bind "$packages" held/packages
mount --bind "$socket" held/docker.sock

mount --bind etc/passwd /etc/passwd
mount --bind etc/group /etc/group
mount --bind etc/ssh /etc/ssh
mount --bind home /home
mount -t overlay -o lowerdir=usr:held/packages/usr:/usr overlay /usr

# What npm install --prefix /opt/deploymill makes.
mount -t tmpfs -o mode=755 tmpfs /opt
mkdir -p /opt/deploymill/node_modules/deploymill /opt/deploymill/node_modules/.bin
mount --bind held/checkout /opt/deploymill/node_modules/deploymill
printf '#!/bin/sh\nexec node /opt/deploymill/node_modules/deploymill/dist/cli.js "$@"\n' > /opt/deploymill/node_modules/.bin/deploymill
chmod 755 /opt/deploymill/node_modules/.bin/deploymill

mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/sshd
: > /run/docker.sock
mount --bind held/docker.sock /run/docker.sock

exec /usr/sbin/sshd -D -e
