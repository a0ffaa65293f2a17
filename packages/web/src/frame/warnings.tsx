export function Warnings() {
  return null;
}
