#!/bin/sh
# Runs a command of an image as an engine would: as its user, on a root that cannot be written to, with one volume.
#   run-image.sh ROOT CONFIGURATION VOLUME COMMAND [ARGUMENT]…
# ROOT is the image's root, CONFIGURATION a folder, VOLUME a folder that begins as the image has it.
set -eu
exec unshare --mount --propagation private /bin/sh -eu -c '
  root=$1 configuration=$2 volume=$3
  shift 3
  cp --archive "$root/var/lib/traffic-events/." "$volume"
  mount --bind "$root" "$root"
  mount --bind "$configuration" "$root/etc/traffic-events"
  mount --bind "$volume" "$root/var/lib/traffic-events"
  mount -t proc proc "$root/proc"
  mount -o remount,bind,ro "$root"
  exec chroot --userspec=10001:10001 "$root" /usr/bin/env --chdir=/etc/traffic-events "$@"
' run-image "$@"
