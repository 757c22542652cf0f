/** An address as it may be shown: it may bear a password, a token or a signature. */
export function withoutSecrets(address: string): string {
  return address.replace(/\/\/[^/]*@/, '//').replace(/[?#].*$/s, '');
}
