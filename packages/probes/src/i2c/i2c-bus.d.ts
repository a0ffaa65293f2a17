/** What of i2c-bus 5 is used. Here, because the package is optional: without it the build goes on (decision 0023). */
declare module 'i2c-bus' {
  interface PromisifiedBus {
    i2cFuncs(): Promise<{ readonly smbusReceiveByte: boolean }>;
    receiveByte(address: number): Promise<number>;
    close(): Promise<void>;
  }
  interface I2cBusModule {
    openPromisified(bus: number): Promise<PromisifiedBus>;
  }
  const module: I2cBusModule;
  export default module;
}
