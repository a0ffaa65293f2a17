#!/usr/bin/env bash
# Fills an empty folder with what an image made of this robot's own files holds: busybox with all its applets, programs
# with the libraries they are linked with, and other files and folders.
#   fill-image.sh ROOT [PROGRAM...] -- [PATH...]
set -euo pipefail

root=$1
shift

# tar, not cp: links are followed to what they mean, and the image's own /lib -> usr/lib stays.
copy() {
  [ $# -gt 0 ] || return 0
  tar -C / -ch -f - "${@#/}" | tar -C "$root" -x --keep-directory-symlink -f -
}

libraries() {
  { ldd "$@" 2>/dev/null || true; } | grep -o '/[^ ]* (0x' | cut -d ' ' -f 1 | sort -u
}

mkdir -p "$root"/usr/{bin,sbin,lib,lib64} "$root"/{etc,tmp,var,run}
chmod 755 "$root"
chmod 1777 "$root/tmp"
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
cp /bin/busybox "$root/usr/bin/busybox"
for applet in $(busybox --list | grep -vx busybox); do ln -s busybox "$root/usr/bin/$applet"; done
printf 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"

while [ "$1" != -- ]; do
  program=$(command -v "$1")
  rm -f "$root$program" # the applet of that name, which tar would write through
  mapfile -t needed < <(libraries "$program")
  # glibc opens libgcc_s only when a thread ends by pthread_exit: ldd does not show it.
  mapfile -t -O "${#needed[@]}" needed < <(/sbin/ldconfig -p | grep -o '/[^ ]*/libgcc_s\.so\.1$')
  copy "$program" "${needed[@]}"
  shift
done
shift

[ $# -gt 0 ] || exit 0
copy "$@"
mapfile -t modules < <(find "$@" -name '*.so')
if [ "${#modules[@]}" -gt 0 ]; then
  mapfile -t needed < <(libraries "${modules[@]}")
  copy "${needed[@]}"
fi
