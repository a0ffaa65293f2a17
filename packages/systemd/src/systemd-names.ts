/** D-Bus names of systemd's service manager and of the bus itself. */
export const SYSTEMD = 'org.freedesktop.systemd1';
export const MANAGER_PATH = '/org/freedesktop/systemd1';
export const MANAGER = 'org.freedesktop.systemd1.Manager';
export const UNIT = 'org.freedesktop.systemd1.Unit';
export const SERVICE = 'org.freedesktop.systemd1.Service';
export const JOB = 'org.freedesktop.systemd1.Job';
export const PROPERTIES = 'org.freedesktop.DBus.Properties';
export const PEER = 'org.freedesktop.DBus.Peer';
export const BUS = 'org.freedesktop.DBus';
export const BUS_PATH = '/org/freedesktop/DBus';
