#!/usr/bin/env bash
# Shows the I2C process against a real bus: Debian's kernel in qemu, whose i2c-stub has a device at 0x48 and one at 0x50,
# which a client of the kernel occupies. By hand, after `npm run build`; no part of the tests (70 MB of kernel, a minute).
# Needs qemu-system-x86, busybox-static and apt-get; prints one answer a line, and fails where one is not as expected.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -f "$here/dist/i2c.node" ] || { echo 'dist/i2c.node is not there: i2c-bus could not be compiled' >&2; exit 1; }
node=$(node -p process.execPath)

cd "$work"
kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1)
apt-get download -qq -o APT::Sandbox::User=root "$kernel-unsigned"
dpkg-deb -x ./*.deb kernel
mkdir -p root/{bin,dev,proc,sys,rovi,lib64}
cp "$(command -v busybox)" root/bin/busybox
cp "$node" root/bin/node
ldd "$node" | grep -o '/lib[^ ]*' | while read -r library; do cp -L --parents "$library" root; done
cp "$here/dist/rovi-i2c.mjs" "$here/dist/i2c.node" root/rovi/
find kernel/lib/modules \( -name i2c-dev.ko -o -name i2c-stub.ko \) -exec cp {} root/rovi/ \;
cat >root/init <<'INIT'
#!/bin/busybox sh
busybox=/bin/busybox
$busybox mount -t devtmpfs dev /dev
$busybox mount -t sysfs sys /sys
$busybox insmod /rovi/i2c-dev.ko
$busybox insmod /rovi/i2c-stub.ko chip_addr=0x48,0x50
echo dummy 0x50 >/sys/class/i2c-adapter/i2c-0/new_device
{
  echo '{"id":1,"bus":0}'
  echo '{"id":2,"bus":0,"address":72}'
  echo '{"id":3,"bus":0,"address":73}'
  echo '{"id":4,"bus":0,"address":80}'
  echo '{"id":5,"bus":77,"address":72}'
  $busybox sleep 15
} | /bin/node /rovi/rovi-i2c.mjs
$busybox poweroff -f
INIT
chmod +x root/init
(cd root && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1 >../initrd.gz)
timeout 180 qemu-system-x86_64 -cpu max -m 1024 -nographic -no-reboot -kernel kernel/boot/vmlinuz-* \
  -initrd initrd.gz -append 'console=ttyS0 quiet panic=-1' </dev/null >console.log 2>&1 || true
grep -a -o '{"id".*}' console.log | sort
for expected in '"id":1,"seen":{"ok":true' '"id":2,"seen":{"ok":true' '"id":3,"seen":{"ok":false' \
  '"id":4,"seen":{"ok":null' '"id":5,"seen":{"ok":false'; do
  grep -a -q -F "$expected" console.log || { echo "not as expected: $expected" >&2; exit 1; }
done
