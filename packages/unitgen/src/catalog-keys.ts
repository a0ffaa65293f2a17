import { catalogSchema } from '@rovi/contract';

/** The little of a zod schema that is needed to list the keys it knows. */
interface SchemaShape {
  readonly _zod: {
    readonly def: {
      readonly type: string;
      readonly shape?: Readonly<Record<string, SchemaShape>>;
      readonly valueType?: SchemaShape;
      readonly element?: SchemaShape;
      readonly innerType?: SchemaShape;
      readonly out?: SchemaShape;
      readonly options?: readonly SchemaShape[];
    };
  };
}

/** The keys that the catalog may have in the mapping at this path; none where any name goes. */
export function knownKeys(path: readonly PropertyKey[]): string[] {
  let level: SchemaShape[] = [catalogSchema];
  for (const part of path) level = level.flatMap(concrete).flatMap((schema) => child(schema, part));
  return level.flatMap(concrete).flatMap((schema) => Object.keys(schema._zod.def.shape ?? {}));
}

function child({ _zod: { def } }: SchemaShape, part: PropertyKey): SchemaShape[] {
  const found =
    def.shape && Object.hasOwn(def.shape, part) ? def.shape[String(part)] : (def.valueType ?? def.element);
  return found === undefined ? [] : [found];
}

/** Looks through optional, default and union down to what has keys. */
function concrete(schema: SchemaShape): SchemaShape[] {
  const { innerType, out, options } = schema._zod.def;
  if (options) return options.flatMap(concrete);
  const inner = innerType ?? out;
  return inner ? concrete(inner) : [schema];
}
