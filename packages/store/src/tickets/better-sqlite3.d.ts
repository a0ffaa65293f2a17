/** What of better-sqlite3 12 is used. Here, because the package is optional: without it the build goes on (decision 0024). */
declare module 'better-sqlite3' {
  export interface Statement {
    run(...values: readonly unknown[]): {
      readonly changes: number;
      readonly lastInsertRowid: number | bigint;
    };
    get(...values: readonly unknown[]): unknown;
    all(...values: readonly unknown[]): unknown[];
    iterate(...values: readonly unknown[]): IterableIterator<unknown>;
  }
  class Database {
    constructor(path: string, options?: { readonly timeout?: number; readonly fileMustExist?: boolean });
    readonly inTransaction: boolean;
    prepare(sql: string): Statement;
    exec(sql: string): this;
    pragma(text: string, options?: { readonly simple: true }): unknown;
    close(): this;
  }
  export default Database;
}
