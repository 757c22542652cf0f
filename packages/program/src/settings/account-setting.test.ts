import { describe, expect, it } from 'vitest';

import { parseJsonText } from '../files/parse-json-text.ts';
import { parseYaml } from '../files/parse-yaml.ts';
import { accountSetting } from './account-setting.ts';
import { exactValues } from './exact-values.ts';
import { problemsOf } from './problems.ts';

/** Both ways in which an account may stand in a configuration. */
const READERS = {
  YAML: (text: string) => parseYaml(text, 'c.yaml'),
  JSON: (text: string) => parseJsonText(text, 'c.json'),
};

function read(value: unknown): unknown {
  const parsed = accountSetting.safeParse(exactValues(value), { reportInput: true });
  return parsed.success ? parsed.data.account : problemsOf(parsed.error);
}

const account = (marketplace: string, id: string) => `{"marketplace": "${marketplace}", ${id}}`;

describe.each(Object.entries(READERS))('an account in %s', (_, reader) => {
  it('keeps every digit of its id, however it is written', () => {
    for (const id of ['1234567890', '590122334455667788', '"590122334455667788"']) {
      expect(read(reader(account('DE', `"advertiser_id": ${id}`)))).toMatchObject({
        advertiserId: id.replaceAll('"', ''),
      });
    }
  });

  it.each([
    [account('GB', '"entity_id": "ENTITY1"'), /^marketplace: .*"GB".*UK/],
    [account('de', '"advertiser_id": "1"'), /^marketplace: .*"de".*DE/],
    [account('DE', '"advertiser_id": "ENTITY1A2B"'), /advertiser_id.*ENTITY.*entity_id/],
    [account('DE', '"entity_id": "1234567890"'), /entity_id.*1234567890/],
    [account('DE', '"advertiser_id": 5.9e17'), /advertiser_id/],
    [account('DE', '"advertiser_id": 1.5'), /^advertiser_id: expected an id/],
    [account('DE', '"advertiser_id": ""'), /advertiser_id/],
    [account('DE', '"time_zone": "Berlin", "advertiser_id": "1"'), /^time_zone: expected an IANA/],
  ])('that is wrong says what is meant: %s', (text, problem) => {
    expect(read(reader(text))).toEqual([expect.stringMatching(problem)]);
  });
});
