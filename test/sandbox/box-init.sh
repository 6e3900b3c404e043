#!/bin/sh
# Owns the inside of a box: turns fresh namespaces into a small machine of its own, then becomes that machine's first process.
#
# Runs as process 1 of new mount, uts and pid namespaces (see box.mjs), with everything as arguments:
#   box-init.sh HOSTNAME NAMESERVER LOWER STORAGE [SOURCE TARGET]... -- COMMAND [ARGUMENT]...
# LOWER is the cached root file system; only the overlay over it, kept in STORAGE, is written to. All mounts below are
# in the private mount namespace: they vanish with the last process of the box.
set -eu

hostname=$1 nameserver=$2 lower=$3 storage=$4
shift 4

hostname "$hostname"

# relative names: a comma or colon in the checkout's path would end the option
cd "$storage"
mount --bind "$lower" lower
mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay root

mount -t proc proc root/proc
mount -t sysfs sysfs root/sys
mount --rbind /sys/fs/cgroup root/sys/fs/cgroup
mount --rbind /dev root/dev
mount -t tmpfs -o mode=755 tmpfs root/run
mount -t tmpfs -o mode=1777 tmpfs root/tmp
while [ "$1" != -- ]; do
    mkdir -p "root$2"
    mount --rbind "$1" "root$2"
    shift 2
done
shift

rm -f root/etc/resolv.conf
printf 'nameserver %s\n' "$nameserver" > root/etc/resolv.conf
printf '127.0.0.1 localhost %s\n' "$hostname" > root/etc/hosts

ulimit -n 1048576 2>/dev/null || ulimit -n "$(ulimit -H -n)"

# pivot_root and not chroot: under a chroot, containers were given the machine's resolv.conf and could not find services
cd root
mkdir -p .old
pivot_root . .old
umount --lazy /.old
rmdir /.old
exec chroot . /usr/bin/tini -- "$@"
