import { PATHS, RoviError } from '@rovi/contract';
import { loadCatalog } from '../catalog-file.js';
import type { VerbContext } from '../verb.js';
import { CheckList, type Check } from './check.js';
import { checkContainers } from './container-engine.js';
import { checkExternal } from './external-units.js';
import { checkFiles } from './installed-files.js';
import { readInstallation } from './installation.js';
import { checkUnits } from './loaded-units.js';
import { checkAccounts } from './operators.js';
import { checkPlatform } from './platform.js';
import { checkPolkit } from './polkit-answers.js';
import { checkGateway } from './running-gateway.js';
import { checkRuntime } from './runtime-directory.js';
import { checkEnvironment } from './stack-environment.js';

/** Examines the whole installation; nothing is changed. Never rejects for a fault it is there to find. */
export async function examine(context: VerbContext, prefix: string | undefined): Promise<readonly Check[]> {
  const platform = await checkPlatform();
  const list = new CheckList('catalog');
  const path = context.catalog() ?? PATHS.catalog;
  let catalog;
  try {
    ({ catalog } = await loadCatalog(path));
    const count = (each: object): string => String(Object.keys(each).length);
    list.ok('catalog', `${path}: ${count(catalog.stacks)} stacks, ${count(catalog.services)} services`);
  } catch (error) {
    const { message, mend } = RoviError.from(error);
    list.fault('catalog', message, mend);
    list.unknown(
      'the rest',
      'cannot be judged without a catalog',
      'run `install.sh`, or name one with --catalog',
    );
    return [...platform, ...list.checks];
  }
  const installation = await readInstallation(catalog, prefix);
  const client = await context.client();
  const groups = await Promise.all([
    checkFiles(installation),
    checkUnits(installation),
    checkAccounts(installation),
    checkRuntime(installation),
    checkEnvironment(installation),
    checkContainers(installation),
    checkExternal(installation),
    checkPolkit(installation),
    checkGateway(installation, client, context.version),
  ]);
  return [...platform, ...list.checks, ...groups.flat()];
}
