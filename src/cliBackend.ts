/** The inference server that a command of the command line names. */
import { UsageError } from './cliReport';
import { backendHost } from './io/inference';

export interface Server {
  /** For messages. */
  readonly host: string;
  readonly apiKey: string | undefined;
}

const KEY_VARIABLE = 'CROSSALPACA_API_KEY';

/**
 * @param mayGo whether texts may be sent to another machine
 * @param texts which ones, as “texts of the shard”
 * @param warn is told which machine they are sent to, if it is another one
 * @throws UsageError where the server is not on this machine and that was not allowed
 */
export function serverOf(
  url: string,
  mayGo: boolean | undefined,
  texts: string,
  warn: (line: string) => void,
): Server {
  const { host, isLoopback } = backendHost(url);
  if (!isLoopback && mayGo !== true)
    throw new UsageError(
      `${host} is not this machine: ${texts} would be sent there; to allow it, add --allow-remote`,
    );
  if (!isLoopback) warn(`texts are sent to ${host}`);
  return { host, apiKey: process.env[KEY_VARIABLE] };
}
