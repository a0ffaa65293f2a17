"""How a host's root becomes the root of a bare machine: what is written into the overlay's upper layer."""

import os
import stat

# What the vendor's *.wants folders may still pull in; everything else of the host stays off the robot.
KEPT_UNITS = {
    "dbus.service",
    "dbus.socket",
    "dbus-broker.service",
    "systemd-journald.service",
    "systemd-journald.socket",
    "systemd-journald-dev-log.socket",
    "systemd-journal-flush.service",
    "systemd-sysusers.service",
    "systemd-tmpfiles-setup.service",
    "systemd-user-sessions.service",
}
# Could be pulled in by D-Bus activation or by another unit all the same.
MASKED_UNITS = (
    "console-getty.service",
    "getty.target",
    "networking.service",
    "systemd-logind.service",
    "systemd-networkd.service",
    "systemd-resolved.service",
    "systemd-timesyncd.service",
    "systemd-udevd.service",
    "systemd-firstboot.service",
    "systemd-machine-id-commit.service",
)
# The host's own that must not colour a test, nor be within its reach: units, rules, journals, homes, containers, an
# installed Rovi.
EMPTIED_FOLDERS = (
    "/etc/systemd/system",
    "/etc/polkit-1/rules.d",
    "/etc/sudoers.d",
    "/etc/rovi",
    "/opt/ros",
    "/home",
    "/root",
    "/usr/local/lib/rovi",
    "/usr/local/lib/systemd/system",
    "/var/log/journal",
    "/var/lib/cni",
    "/var/lib/containers",
    "/var/lib/systemd/linger",
    "/var/lib/systemd/coredump",
)
HIDDEN_FILES = (
    "/etc/sysusers.d/rovi.conf",
    "/etc/tmpfiles.d/rovi.conf",
    "/usr/local/bin/rovictl",
    "/usr/local/share/bash-completion/completions/rovictl",
)


class Upper:
    """Writes the overlay's upper layer before it is mounted: replacing a folder is then one xattr, however full it is."""

    def __init__(self, root):
        self.root = root

    def folder(self, path):
        """The folder as it is in the lower layer (mode and owner), made here if need be."""
        path = os.path.realpath(path)  # a folder in place of the host's /lib -> usr/lib would hide all below it
        here = self.root + path
        if os.path.isdir(here):
            return here
        if path.rsplit("/", 1)[0]:
            self.folder(path.rsplit("/", 1)[0])
        os.mkdir(here)
        try:
            lower = os.stat(path)
            os.chown(here, lower.st_uid, lower.st_gid)
            os.chmod(here, stat.S_IMODE(lower.st_mode))
        except FileNotFoundError:
            pass
        return here

    def empty(self, path):
        here = self.folder(path)
        os.setxattr(here, "trusted.overlay.opaque", b"y")
        return here

    def write(self, path, text):
        here = f"{self.folder(os.path.dirname(path))}/{os.path.basename(path)}"
        if os.path.islink(here):
            os.unlink(here)  # written through, it would lead to the host's own file
        with open(here, "w", encoding="utf-8") as file:
            file.write(text)

    def link(self, path, target):
        os.symlink(target, f"{self.folder(os.path.dirname(path))}/{os.path.basename(path)}")

    def hide(self, path):
        if os.path.lexists(path) and not os.path.lexists(self.root + path):
            os.mknod(f"{self.folder(os.path.dirname(path))}/{os.path.basename(path)}", stat.S_IFCHR, 0)


def vendor_unit_folders():
    folders = {os.path.realpath(folder) for folder in ("/usr/lib/systemd/system", "/lib/systemd/system")}
    return sorted(folder for folder in folders if os.path.isdir(folder))


def furnish(upper, machine_id, name):
    """A host's root becomes a bare machine: journald, dbus and polkit come up, nothing else that the host would run."""
    dbus_alias = "/etc/systemd/system/dbus.service"
    dbus_target = os.readlink(dbus_alias) if os.path.islink(dbus_alias) else None
    for folder in EMPTIED_FOLDERS:
        if os.path.isdir(folder) or folder in ("/etc/systemd/system", "/var/log/journal"):
            upper.empty(folder)
    for path in HIDDEN_FILES:
        upper.hide(path)
    for units in vendor_unit_folders():
        for entry in os.scandir(units):
            if entry.name.endswith(".target.wants") and entry.is_dir():
                kept = upper.empty(entry.path)
                for wanted in os.scandir(entry.path):
                    if wanted.name in KEPT_UNITS and wanted.is_symlink():
                        os.symlink(os.readlink(wanted.path), f"{kept}/{wanted.name}")
        generators = os.path.dirname(units) + "/system-generators"
        if os.path.isdir(generators):
            upper.empty(generators)
    if os.path.isdir("/etc/systemd/system-generators"):
        upper.empty("/etc/systemd/system-generators")
    for unit in MASKED_UNITS:
        upper.link("/etc/systemd/system/" + unit, "/dev/null")
    if dbus_target:
        upper.link(dbus_alias, dbus_target)
    upper.link("/etc/systemd/system/default.target", "/lib/systemd/system/multi-user.target")
    upper.link("/etc/systemd/system/multi-user.target.wants/polkit.service", "/lib/systemd/system/polkit.service")
    upper.write("/etc/fstab", "")
    upper.write("/etc/machine-id", machine_id + "\n")
    upper.write("/etc/hostname", name + "\n")
    upper.write("/etc/hosts", f"127.0.0.1 localhost {name}\n::1 localhost\n")
    # What is preserved here survives a reboot, and a fault's journal is never lost to a rate limit.
    upper.write(
        "/etc/systemd/journald.conf.d/zz-rovi-testbed.conf",
        "[Journal]\nStorage=persistent\nRateLimitIntervalSec=0\nSystemMaxUse=128M\nSystemKeepFree=1M\nAudit=no\n",
    )
