import { Command, Option } from 'commander';
import { PATHS, roles, tokenNameSchema } from '@rovi/contract';
import type { Role, StoredToken } from '@rovi/contract';
import { json } from '../control-codes.js';
import { UsageError } from '../verb.js';
import type { VerbContext } from '../verb.js';

interface FileFlag {
  readonly file: string;
}

/** `rovictl token create|list|revoke`: who may come in over TCP. Works on the file alone; the gateway notices. */
export function tokenVerb(context: VerbContext): Command {
  const file = (): Option =>
    new Option('--file <path>', 'the token file').default(PATHS.tokens, PATHS.tokens);
  return new Command('token')
    .description('who may use the API and the page over TCP (as root)')
    .addCommand(
      new Command('create')
        .description('make a token and print it, this once')
        .requiredOption('--name <name>', 'who or what it is for')
        .addOption(new Option('--role <role>', 'what it allows').choices(roles).makeOptionMandatory())
        .option('--expires <when>', 'a span (12h, 90d, 8w) or a date; without it the token does not end')
        .addOption(file())
        .option('--json', 'as JSON, the token in "token"')
        .action((flags: FileFlag & { name: string; role: Role; expires?: string; json?: true }) =>
          create(context, flags),
        ),
    )
    .addCommand(
      new Command('list')
        .description('list the tokens there are; never their secrets')
        .addOption(file())
        .option('--json', 'as JSON')
        .action((flags: FileFlag & { json?: true }) => list(context, flags)),
    )
    .addCommand(
      new Command('revoke')
        .description('end a token at once, also for who is connected with it')
        .argument('<token>', 'its name or id')
        .addOption(file())
        .action((which: string, flags: FileFlag) => revoke(context, which, flags)),
    );
}

async function create(
  context: VerbContext,
  flags: FileFlag & { name: string; role: Role; expires?: string; json?: true },
): Promise<void> {
  const { name, role, expires, file } = flags;
  const fits = tokenNameSchema.safeParse(name);
  if (!fits.success)
    throw new UsageError(`"${name}" cannot be a name: ${fits.error.issues[0]?.message ?? ''}`);
  const { changeTokens, newToken } = await import('../tokens/token-file.js');
  const { expiryOf } = await import('../tokens/expiry.js');
  const now = Date.now();
  const made = newToken({ name, role, now, expires: expires === undefined ? null : expiryOf(expires, now) });
  await changeTokens(file, await gatewayUser(context), (tokens) => {
    const kept = tokens.filter((token) => !isOver(token, now));
    if (kept.some((token) => token.name === name)) {
      throw new UsageError(
        `there is a token named "${name}" already: revoke it first, or choose another name`,
      );
    }
    return [...kept, made.stored];
  });
  const { id, created_at, expires_at } = made.stored;
  const { terminal } = context;
  if (flags.json) terminal.out(json({ token: made.token, id, name, role, created_at, expires_at }));
  else {
    terminal.out(`${made.token}\n`);
    terminal.err(
      `${role} "${name}"${expires_at === null ? '' : `, until ${expires_at}`}: kept nowhere else, so keep it now. \`rovictl token revoke ${name}\` ends it.\n`,
    );
  }
}

async function list(context: VerbContext, { file, json: asJson }: FileFlag & { json?: true }): Promise<void> {
  const { ownerFault, readTokens } = await import('../tokens/token-file.js');
  const tokens = await readTokens(file);
  const { terminal } = context;
  const fault = await ownerFault(file);
  if (fault !== null) terminal.err(`rovictl: ${fault}\n`);
  if (asJson) {
    const told = tokens.map(({ id, name, role, created_at, expires_at }) => ({
      id,
      name,
      role,
      created_at,
      expires_at,
    }));
    return void terminal.out(json(told));
  }
  const { tokensText } = await import('../views/tokens.js');
  terminal.out(tokensText(tokens, Date.now(), terminal.colour));
}

async function revoke(context: VerbContext, which: string, { file }: FileFlag): Promise<void> {
  const { changeTokens } = await import('../tokens/token-file.js');
  let gone: readonly StoredToken[] = [];
  await changeTokens(file, await gatewayUser(context), (tokens) => {
    gone = tokens.filter(({ id, name }) => id === which || name === which);
    if (gone.length === 0) {
      throw new UsageError(`there is no token "${which}": \`rovictl token list\` lists them`);
    }
    return tokens.filter((token) => !gone.includes(token));
  });
  for (const { name, role } of gone) context.terminal.out(`revoked ${role} "${name}"\n`);
}

/** The account that must be able to read the file: the installed catalog's. */
async function gatewayUser(context: VerbContext): Promise<string> {
  const { defaultCatalogPath, loadCatalog } = await import('../catalog-file.js');
  const { catalog } = await loadCatalog(context.catalog() ?? (await defaultCatalogPath('installed')));
  return catalog.user;
}

function isOver({ expires_at }: StoredToken, now: number): boolean {
  return expires_at !== null && Date.parse(expires_at) <= now;
}
