import { WarehouseError } from '../../errors.ts';

/** A dataset or table deletes its data by itself. */
export class ExpiringDataError extends WarehouseError {
  override readonly name = 'ExpiringDataError';
  constructor(what: string, name: string, expiry: string) {
    super(
      `${what} ${name} expires its data: ${expiry}. After 30 days it would be the only copy there is. Remove the expiration, or name ${name} in allow_expiring if that is intended.`,
      { code: 'expiring_data', action: 'fatal' },
    );
  }
}
