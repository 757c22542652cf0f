/** Why the service would refuse a query: the execution ends REJECTED with this as statusReason. */
export class Rejection extends Error {
  override readonly name = 'Rejection' as const;
}
