/** Of a robot's silence: what one sees of a broker that lets the console ask and hear no answer. */
export const ALL_SILENT =
  "Where no robot answers that is shown as online, the broker may keep the answers back: its access list has to name this console's client id.";
