/** `/services/logs/:name`: the journal of one unit. */
export default function LogsView({ name }: { name: string }) {
  return <h1>Logs of {name}</h1>;
}
