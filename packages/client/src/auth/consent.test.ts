import { expect, it } from 'vitest';

import { ClientFixture, SECRETS } from '../testing/client-fixture.ts';
import { json } from '../testing/scripted-server.ts';
import { consentEndMs, consentUrl, exchangeCode } from './consent.ts';

const fixture = ClientFixture.use();

it('leads to the consent page of the region', () => {
  const options = { clientId: 'id', redirectUri: 'https://example.com/back', state: 'x y' };
  expect(consentUrl({ ...options, region: 'EU' })).toBe(
    'https://eu.account.amazon.com/ap/oa?client_id=id&scope=advertising%3A%3Acampaign_management&response_type=code&redirect_uri=https%3A%2F%2Fexample.com%2Fback&state=x+y',
  );
  expect(consentUrl({ ...options, region: 'FE' })).toMatch(/^https:\/\/apac\.account\./);
  const consentPage = 'http://127.0.0.1:8080/ap/oa';
  expect(consentUrl({ ...options, region: 'FE', consentPage })).toMatch(
    `${consentPage}?client_id=id&`,
  );
});

it('ends after 365 days, where it was given since 30 July 2026', () => {
  expect(consentEndMs(Date.parse('2026-07-30T00:00:00Z'))).toBe(Date.parse('2027-07-30T00:00:00Z'));
  expect(consentEndMs(Date.parse('2026-07-29T23:59:59Z'))).toBeNull();
});

it('turns the code into a refresh token, and refuses an expired one', async () => {
  const exchange = {
    region: 'EU',
    clientId: 'id',
    clientSecret: SECRETS.clientSecret,
    code: 'code-1',
    redirectUri: 'https://example.com/back',
    tokenUrl: fixture.server.tokenUrl,
  } as const;
  fixture.server.tokenAnswers.push(
    json(200, { access_token: 'Atza|x', refresh_token: 'Atzr|new', expires_in: 3_600 }),
    json(400, { error: 'invalid_grant' }),
  );
  expect(await exchangeCode(exchange)).toStrictEqual({ refreshToken: 'Atzr|new' });
  expect(fixture.server.tokenRequests[0]?.body).toMatch(
    /^grant_type=authorization_code&code=code-1/,
  );
  await expect(exchangeCode(exchange)).rejects.toMatchObject({ code: 'credentials_refused' });
});
