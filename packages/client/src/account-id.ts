import { ConfigurationError } from './errors/configuration-error.ts';

/** What goes into a header and into the key of an account. */
const ID = /^[\w.-]{1,128}$/;

/** As spreadsheets and JavaScript write long numbers. */
const ROUNDED = /^\d+(?:\.\d*(?:e\+?\d+)?|e\+?\d+)$/i;

/** ConfigurationError that says what is meant, where a DSP advertiser's id cannot be one. */
export function checkAdvertiserId(id: unknown): void {
  if (typeof id === 'string' && ROUNDED.test(id)) {
    throw new ConfigurationError(
      `advertiserId is ${JSON.stringify(id)}, a number that was rounded, and a rounded id is somebody else's: give every digit of it, in quotes`,
    );
  }
  const text = idText('advertiserId', id);
  if (!/^entity/i.test(text)) return;
  throw new ConfigurationError(
    `advertiserId is ${JSON.stringify(text)}, which is the id of a sponsored ads entity: give it as entityId. A DSP advertiser's id is a number`,
  );
}

/** ConfigurationError that says what is meant, where a sponsored ads entity's id cannot be one. */
export function checkEntityId(id: unknown): void {
  const text = idText('entityId', id);
  if (text.startsWith('ENTITY')) return;
  const what = `entityId is ${JSON.stringify(text)}`;
  const begins = "a sponsored ads entity's id begins with ENTITY, in capitals";
  throw new ConfigurationError(
    /^\d+$/.test(text)
      ? `${what}, which looks like a profile id of the Ads API: ${begins}, and stands in the address of the advertising console. A DSP advertiser's id goes into advertiserId`
      : `${what}; ${begins}`,
  );
}

function idText(name: string, id: unknown): string {
  if (typeof id === 'number' || typeof id === 'bigint') {
    throw new ConfigurationError(
      `${name} is a ${typeof id}. Long numbers are rounded in JavaScript, and a rounded id is somebody else's: give it as text, in quotes`,
    );
  }
  if (typeof id !== 'string') {
    throw new ConfigurationError(`${name} is of type ${typeof id}; give it as text`);
  }
  if (ID.test(id)) return id;
  throw new ConfigurationError(
    `${name} is ${JSON.stringify(id)}; an id has letters, digits, ".", "_" and "-" only, without blanks around it`,
  );
}
