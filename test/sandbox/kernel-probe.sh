#!/bin/sh
# Owns the try whether the kernel can do what a sandbox needs; prints a line for each thing it cannot.
#
# Runs in fresh mount and network namespaces (see requirements.mjs), which take everything along when it ends.
#   kernel-probe.sh FOLDER   (with the empty folders lower, upper, work and root in it)
cd "$1" || exit

mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay root 2>/dev/null ||
    echo 'overlayfs on this folder: load the kernel module overlay, and keep the checkout on ext4, xfs or btrfs (not on an overlay).'

command -v ip >/dev/null || exit 0 # will be installed; then the links show by themselves what is missing

for kind in bridge 'veth peer name other' 'vxlan id 1 dstport 4789'; do
    # shellcheck disable=SC2086 # a kind with its options is several words
    ip link add probe type $kind 2>/dev/null || echo "network links of kind ${kind%% *}: load the kernel module ${kind%% *}."
    ip link delete probe 2>/dev/null
done
exit 0
