#!/bin/sh
# Installs packages on a copy of this machine that is thrown away, uses what
# they hold, removes them, and looks for what is left. As root, in a mount
# namespace of its own:
#
#   unshare --mount install_debs.sh <folder with the packages> <consumer.c>
#
# Exits with 77 where that cannot be done.
set -eu

debs=$(realpath "$1")
consumer=$(realpath "$2")
copy=$debs/copy
mkdir "$copy"
# The mounts go with the namespace.
mount -t tmpfs tmpfs "$copy" || exit 77
mkdir "$copy/changes" "$copy/work" "$copy/root"
mount -t overlay overlay \
  -o "lowerdir=/,upperdir=$copy/changes,workdir=$copy/work" "$copy/root" ||
  exit 77
cd "$copy/root"
mount --rbind /dev dev
mount -t proc proc proc
mount -t tmpfs tmpfs tmp
cp "$debs"/*.deb "$consumer" tmp

exec chroot . /bin/sh -eu <<'INSIDE'
cd /tmp
packages="libtrimaran0.1 libtrimaran-dev trimaran"
dpkg -i ./*.deb
for package in $packages; do dpkg -L "$package"; done >files

# The program, and its manual.
[ "$(command -v trimaran)" = /usr/bin/trimaran ]
trimaran --version
trimaran --help >/dev/null
[ -f /usr/share/man/man1/trimaran-dump.1.gz ]
# What the service needs.
unit=/usr/lib/systemd/system/trimaran@.service
[ "$(sed -n 's/^User=//p' $unit)" = trimaran ]
id trimaran
[ -x "$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' $unit)" ]
[ -d /etc/trimaran ]

# The library: found by the loader, and by a compiler.
ldconfig -p | grep -q 'libtrimaran\.so\.0\.1 '
mkdir work
cc -std=c99 consumer.c -o work/consumer \
  $(pkg-config --cflags --libs trimaran-c)
cd work && ./consumer && cd ..
[ -z "$(dpkg --verify $packages)" ]

dpkg --purge $packages
if ldconfig -p | grep libtrimaran; then exit 1; fi
while read -r file; do
  if [ ! -d "$file" ] && [ -e "$file" ]; then
    echo "left behind: $file"
    exit 1
  fi
done <files
INSIDE
