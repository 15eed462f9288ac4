#!/bin/bash
# Runs a command in the repository on what looks like a machine of its own, named docs: network, processes and mounts.
# What it writes to the repository, /tmp, /var/lib, /var/log, /run and /root is gone with it.
set -eu
if [ "${OWN_MACHINE:-}" != yes ]; then
  OWN_MACHINE=yes exec unshare --mount --net --uts --pid --fork --kill-child --mount-proc "$0" "$@"
fi
hostname docs
ip link set lo up
written=/dev/shm
mount -t tmpfs tmpfs "$written"
for place in /tmp /root /var/lib /var/log /run "$PWD"; do
  mkdir -p "$written$place/upper" "$written$place/work"
  mount -t overlay overlay -o "lowerdir=$place,upperdir=$written$place/upper,workdir=$written$place/work" "$place"
done
cd "$PWD"
# An overlay cannot lie on another one, and containerd keeps its layers here.
for place in /var/lib/berth /run/berth /var/lib/kubelet; do
  mkdir -p "$place"
  mount -t tmpfs tmpfs "$place"
done
exec "$@"
