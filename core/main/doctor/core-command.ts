/** Whether a command line is that of a core: `berth start`, or the `berth up` that started one. */
export function isCoreCommand(command: string): boolean {
  return (
    /(^|\/)(berth|berth\.js|core\/main\/main\.ts)( |$)/.test(command) && / (start|up)( |$)/.test(command)
  );
}
