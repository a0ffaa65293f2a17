import { z } from 'zod';

/**
 * The grammar of every name in a catalog that ends up in a unit file, a shell word or a polkit rule.
 * Each is so narrow that quoting is never needed downstream; the generators quote all the same.
 */

/** A stack or service name: becomes `rovi-<name>.service`, a ROS name segment and a URL segment. */
export const unitBaseName = z
  .string()
  .regex(
    /^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$/,
    'expected lower-case letters, digits, "-" or "_", starting with a letter (for example "nav")',
  )
  .max(40, 'expected at most 40 characters');

/** A Unix user or group name as `useradd` accepts it (shadow-utils' default NAME_REGEX, without the trailing `$`). */
export const accountName = z
  .string()
  .regex(
    /^[a-z_][a-z0-9_-]{0,30}$/,
    'expected a Unix account name: lower-case letters, digits, "_" or "-", at most 31 characters',
  );

/** A ROS 2 package name (REP 144). */
export const rosPackageName = z
  .string()
  .regex(
    /^[a-z](?:_?[a-z0-9])+$/,
    'expected a ROS package name: lower-case letters, digits and single underscores (REP 144)',
  )
  .max(100);

/** The base name of a launch file inside a package's share folder. */
export const launchFileName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]*\.(?:py|xml|yaml|yml)$/,
    'expected the file name of a launch file, ending in .py, .xml, .yaml or .yml, without folders',
  )
  .max(100);

/** A ROS 2 launch argument's name. */
export const launchArgumentName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected a launch argument name: letters, digits and "_"')
  .max(64);

/**
 * A launch argument's value. One printable ASCII word without blanks, quotes, `%`, `$` or back-slashes:
 * nothing that systemd, a shell or launch's own substitutions would read as syntax.
 */
export const launchArgumentValue = z
  .string()
  .regex(
    /^[A-Za-z0-9_./:@,=+-]*$/,
    'expected one word of letters, digits and _ . / : @ , = + - (no blanks, quotes, $ or %)',
  )
  .max(400);

/** An absolute path without `..`, blanks or characters that mean something to systemd or a shell. */
export const absolutePath = z
  .string()
  .regex(
    /^(?:\/[A-Za-z0-9_.@+-]+)+$/,
    'expected an absolute path of letters, digits and _ . @ + - (no blanks, no trailing "/")',
  )
  .refine((path) => !path.split('/').some((part) => part === '..' || part === '.'), {
    message: 'expected a path without "." or ".." parts',
  })
  .max(400);

/** The name of an executable as it appears in a process list. */
export const processName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/, 'expected the name of an executable: letters, digits and _ . + -')
  .max(100);

/** A TF frame id without a leading slash (REP 105, tf2). */
export const frameId = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*(?:\/[A-Za-z0-9_]+)*$/,
    'expected a TF frame id such as "map", without a leading "/"',
  )
  .max(100);

/** Free text for people, on one line: no control characters, `%` is doubled by the generator. */
export const oneLine = z
  .string()
  .min(1, 'expected some text')
  .max(200, 'expected at most 200 characters')
  // eslint-disable-next-line no-control-regex
  .regex(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/, 'expected one line without control characters')
  // systemd takes a line with one of these for no UTF-8, and passes over it.
  .regex(/^\P{Noncharacter_Code_Point}*$/u, 'expected text without Unicode noncharacters')
  .refine((text) => !text.trimEnd().endsWith('\\'), {
    message: 'expected text that does not end in a back-slash',
  });

/** An environment variable's name. */
export const environmentName = z
  .string()
  .regex(/^[A-Z_][A-Z0-9_]*$/, 'expected an environment variable name: capitals, digits and "_"')
  .max(100);

/** A ROS 2 namespace: absolute, each part a name token (design.ros2.org, "Topic and Service name mapping"). */
export const rosNamespace = z
  .string()
  .regex(
    /^(?:\/[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*)+$/,
    'expected an absolute ROS namespace such as "/rovi": letters, digits and single "_", no trailing "/"',
  )
  .max(60, 'expected at most 60 characters');
