import { z } from 'zod';

/** The name of this machine among hosts: always there, never declared. */
export const LOCAL_HOST = 'local';

/** Names that stand for something else than one declared host. */
const reserved: ReadonlySet<string> = new Set([LOCAL_HOST, 'all']);

/** What a host is called. Never begins with "-": it stands where a shell or OpenSSH could read an option. */
export const hostNameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    'expected a name of letters, digits, ".", "_" or "-", at most 63, beginning with a letter or digit',
  )
  .refine((name) => !reserved.has(name.toLowerCase()), {
    message: '"local" is this machine and "all" is every host: choose another name',
  });

/** A way to a robot's gateway. */
export type HostAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'http'; readonly secure: boolean; readonly host: string; readonly port: number }
  | {
      readonly kind: 'ssh';
      readonly user: string | null;
      readonly host: string;
      readonly port: number | null;
    };

/** A name or address of a machine, an IPv6 address in brackets. */
const MACHINE = String.raw`\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9._-]*`;
const web = new RegExp(String.raw`^(https?)://(${MACHINE})(?::(\d{1,5}))?/?$`);
const shell = new RegExp(
  String.raw`^ssh://(?:([A-Za-z0-9_][A-Za-z0-9._+-]*)@)?(${MACHINE})(?::(\d{1,5}))?/?$`,
);
const socket = /^unix:\/\/(\/[A-Za-z0-9_.@+/-]+)$/;

/** What an address says; a sentence about what is wrong with it where it is none. */
export function parseHostAddress(text: string): HostAddress | string {
  const path = socket.exec(text)?.[1];
  if (path !== undefined) return { kind: 'unix', path };
  const page = web.exec(text);
  if (page !== null) {
    const secure = page[1] === 'https';
    const host = bare(page[2]);
    const port = portOf(page[3], secure ? 443 : 80);
    if (port === null) return 'expected a port from 1 to 65535';
    if (!secure && !isLoopback(host)) {
      return 'http:// is for loopback alone, where nobody can read the token: use https:// or ssh://';
    }
    return { kind: 'http', secure, host, port };
  }
  const login = shell.exec(text);
  if (login !== null) {
    const port = portOf(login[3], 0);
    if (port === null) return 'expected a port from 1 to 65535';
    return { kind: 'ssh', user: login[1] ?? null, host: bare(login[2]), port: port === 0 ? null : port };
  }
  if (/^ssh:\/\/(?:-|[^@/]*@-)/.test(text)) {
    return 'a user or host that begins with "-" would be an option to ssh';
  }
  return 'expected unix:///PATH, https://HOST[:PORT] or ssh://[USER@]HOST[:PORT]';
}

function bare(host: string | undefined): string {
  return (host ?? '').replace(/^\[|\]$/g, '');
}

/** Null for no port; `absent` where none is given. */
function portOf(text: string | undefined, absent: number): number | null {
  if (text === undefined) return absent;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : null;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** A file of the machine that `rovictl` runs on; `~/` is the home of whoever runs it. */
const file = z
  .string()
  // eslint-disable-next-line no-control-regex
  .regex(/^(?:~\/|\/)[^\u0000-\u001f]+$/, 'expected an absolute path, or one that begins with "~/"')
  .max(400);

const address = z.string().superRefine((text, context) => {
  const parsed = parseHostAddress(text);
  if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
});

/** One host as an inventory declares it. */
export const hostEntrySchema = z
  .strictObject({
    address,
    /** https: the token is in this file, which only its owner may read. */
    token_file: file.optional(),
    /** https: the certificate of the robot, or of who signed it, in place of the machine's own authorities. */
    ca_file: file.optional(),
    /** ssh: the gateway's socket on that host; default `/run/rovi/conductor.sock`. */
    socket: z
      .string()
      .regex(/^(?:\/[A-Za-z0-9_.@+-]+)+$/, 'expected an absolute path of letters, digits and _ . @ + -')
      .max(100)
      .optional(),
    labels: z
      .array(
        z
          .string()
          .regex(
            /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
            'expected a label of letters, digits, ".", "_" or "-", beginning with a letter or digit',
          ),
      )
      .default([]),
  })
  .superRefine((entry, context) => {
    const parsed = parseHostAddress(entry.address);
    if (typeof parsed === 'string') return;
    const misplaced = (path: string, kind: string): void => {
      context.addIssue({ code: 'custom', path: [path], message: `expected with ${kind} alone` });
    };
    if (parsed.kind !== 'http' && entry.token_file !== undefined) misplaced('token_file', 'https://');
    if (!(parsed.kind === 'http' && parsed.secure) && entry.ca_file !== undefined)
      misplaced('ca_file', 'https://');
    if (parsed.kind !== 'ssh' && entry.socket !== undefined) misplaced('socket', 'ssh://');
  });
export type HostEntry = z.output<typeof hostEntrySchema>;
/** The same as it is written: what is left out has its default. */
export type HostEntryInput = z.input<typeof hostEntrySchema>;

/** An inventory: `~/.config/rovi/hosts.yaml` or `/etc/rovi/hosts.yaml`. */
export const hostsFileSchema = z.strictObject({
  version: z.literal(1),
  hosts: z
    .record(hostNameSchema, hostEntrySchema)
    .nullish()
    .transform((hosts) => hosts ?? {}),
});
export type HostsFile = z.output<typeof hostsFileSchema>;
