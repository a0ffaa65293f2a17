/**
 * A stack's or process's name as one token of a ROS name: what ROS does not allow there becomes "_", runs of "_" become
 * one, and a name that would begin with a digit or "_" gets "p_" in front. Two names can share a token: the catalog
 * refuses those.
 */
export function rosToken(name: string): string {
  const token = name.replace(/[^A-Za-z0-9]+/g, '_').replace(/_+$/, '');
  return /^[A-Za-z]/.test(token) ? token : `p_${token.replace(/^_+/, '')}`;
}
