// Import directions of ../shared/ARCHITECTURE.md: package -> what it may import.
const allowed = {
  contract: [],
  unitgen: ['contract'],
  conductor: ['contract'],
  systemd: ['conductor', 'contract'],
  probes: ['conductor', 'contract'],
  store: ['conductor', 'contract'],
  http: ['conductor', 'contract'],
  ros: ['conductor', 'contract'],
  mqtt: ['conductor', 'contract'],
  client: ['contract'],
  cli: ['client', 'contract', 'unitgen'],
  web: ['client', 'contract'],
  gateway: ['contract', 'unitgen', 'conductor', 'systemd', 'probes', 'store', 'http', 'ros', 'mqtt'],
  testbed: [],
};
// Third-party packages that one package alone may import.
const soleImporter = {
  'dbus-next': 'systemd',
  'better-sqlite3': 'store',
  'i2c-bus': 'probes',
  fastify: 'http',
  'prom-client': 'http',
  ws: 'http',
  commander: 'cli',
  mqtt: 'mqtt',
  protobufjs: 'ros',
  rclnodejs: 'ros',
};

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'only-declared',
      comment: 'whatever is imported stands in a package.json',
      severity: 'error',
      from: { path: '^packages/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    ...Object.entries(allowed).map(([name, others]) => ({
      name: `${name}-imports`,
      comment: `packages/${name} may import: ${others.join(', ') || 'no other package'}`,
      severity: 'error',
      from: { path: `^packages/${name}/src/` },
      to: { path: '^(packages|tests)/', pathNot: `^packages/(${[name, ...others].join('|')})/` },
    })),
    ...Object.entries(soleImporter).map(([library, owner]) => ({
      name: `${library}-only-in-${owner}`,
      severity: 'error',
      from: { path: '^(packages|tests)/', pathNot: `^packages/${owner}/` },
      to: { path: `node_modules/${library}/` },
    })),
    {
      name: 'contract-only-zod',
      severity: 'error',
      from: { path: '^packages/contract/src/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm'], pathNot: 'node_modules/zod/' },
    },
    {
      name: 'pure',
      comment: 'contract, unitgen and conductor do no I/O',
      severity: 'error',
      from: { path: '^packages/(contract|unitgen|conductor)/src/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: '(^|/)(node_modules|dist)/' },
    tsConfig: { fileName: 'tsconfig.base.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
