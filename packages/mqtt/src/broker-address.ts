/** Where the broker listens. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/** Reads the catalog's `broker`, which its schema has checked. Ports: 1883, and 8883 with TLS. */
export function brokerAddress(broker: string): BrokerAddress {
  const [, scheme, host = '', port] = /^(mqtts?):\/\/(\[.+\]|[^:]+)(?::(\d+))?$/.exec(broker) ?? [];
  const tls = scheme === 'mqtts';
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? (tls ? 8883 : 1883) : Number(port),
    tls,
  };
}
