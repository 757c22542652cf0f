import { literal, quote } from '../tables/sql-text.ts';
import type { ViewPlace } from './bigquery-views.ts';

interface GrantPrincipals extends ViewPlace {
  /** Where the dataset is made, if it has to be, such as `EU`. */
  readonly location?: string | undefined;
  /** Who reads every table and view of the dataset, and nothing else: `group:bi@example.com`. */
  readonly reader: string;
  /** Who loads: makes and changes tables and views of the dataset, and nothing else. */
  readonly loader: string;
}

/** Whom `isPrincipal` takes for one, for messages. */
export const PRINCIPAL_EXPECTED =
  'expected user:NAME@DOMAIN, group:NAME@DOMAIN, serviceAccount:NAME@DOMAIN or domain:DOMAIN';

/**
 * Whether BigQuery can grant something to it. All the world it could, too, but that is not for these tables.
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/data-control-language#user_list
 */
export function isPrincipal(text: string): boolean {
  const domain = String.raw`[\w-]+(?:\.[\w-]+)+`;
  return new RegExp(
    String.raw`^(?:(?:user|group|serviceAccount):[^\s@:"]+@${domain}|domain:${domain})$`,
  ).test(text);
}

/**
 * Statements for whoever administers the project. Nobody runs a query by them alone: jobs belong to
 * the project, whose roles no statement grants.
 */
export function grantStatements(options: GrantPrincipals): string[] {
  const { project, dataset, location, reader, loader } = options;
  const place = quote(`${project}.${dataset}`);
  const where = location === undefined ? '' : ` OPTIONS (location = ${literal(location)})`;
  const jobUser = (who: string) =>
    `-- ${who} needs roles/bigquery.jobUser on the project in which its queries run:\n` +
    `--   gcloud projects add-iam-policy-binding ${project} --member=${who} --role=roles/bigquery.jobUser`;
  return [
    `CREATE SCHEMA IF NOT EXISTS ${place}${where}`,
    `${jobUser(loader)}\nGRANT \`roles/bigquery.dataEditor\` ON SCHEMA ${place} TO ${literal(loader)}`,
    `${jobUser(reader)}\nGRANT \`roles/bigquery.dataViewer\` ON SCHEMA ${place} TO ${literal(reader)}`,
  ];
}
