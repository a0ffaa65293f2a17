/** What the name of a unit on this page stands for: `api@2` is the second instance of `api`. No unit's own name has an `@`. */
export function serviceOf(name: string): { readonly name: string; readonly instance: number | null } {
  const [base = name, instance] = name.split('@', 2);
  return { name: base, instance: instance === undefined ? null : Number(instance) };
}
