/** Takes the lease of an account and holds it until it is killed: `node hold-lease.ts URL ACCOUNT`. */
import { openWarehouse } from '../open-warehouse.ts';
import { CLICKS, RUN } from './slice-fixtures.ts';

const [url = '', accountId = ''] = process.argv.slice(2);
const warehouse = await openWarehouse({ url }, process.env);
await warehouse.openSink({}).open(RUN, [CLICKS], [accountId]);
process.stdout.write('held\n');
setInterval(() => {}, 60_000);
