import { describe, expect, it } from 'vitest';

import { evidenceOf } from './result-evidence.ts';

const NO_FILE = 'the API listed no file for it, which does not say that it is empty';

function evidence(
  facts: {
    files?: number;
    statedRows?: number[];
    doubts?: string[];
    mayLack?: string[];
    gaps?: boolean;
    repeatedHeaders?: number;
  },
  rowCount: number,
) {
  const { files = 1, statedRows = [], doubts = [], mayLack = [] } = facts;
  const { gaps = false, repeatedHeaders = 0 } = facts;
  const download = { files: Array.from({ length: files }), statedRows, doubts, mayLack };
  return evidenceOf({ download, rowCount, repeatedHeaders, hasDataGaps: gaps });
}

describe('the evidence of a result', () => {
  it.each([
    ['a file with rows', {}, 5],
    ['a file without rows', {}, 0],
    ['metadata that agrees', { statedRows: [5] }, 5],
    ['metadata of each part, which agrees', { statedRows: [2, 3] }, 5],
    ['two that are of the whole', { statedRows: [5, 5] }, 5],
    ['a header again, where metadata agrees', { repeatedHeaders: 1, statedRows: [5] }, 5],
    ['a list that may lack files, and all rows', { mayLack: ['a page'], statedRows: [5] }, 5],
    ['no file, and metadata of 0 rows', { files: 0, statedRows: [0] }, 0],
  ])('is good: %s', (_, facts, rowCount) => {
    expect(evidence(facts, rowCount)).toEqual({ isKnown: true, doubts: [] });
  });

  it.each([
    ['data gaps', { gaps: true }, 5, ['the API reports data gaps']],
    ['what the list left in doubt', { doubts: ['two lists'] }, 5, ['two lists']],
    ['a list that may lack files', { mayLack: ['a page'] }, 5, ['a page']],
    [
      'a list that may lack files, and metadata of parts',
      { mayLack: ['a page'], statedRows: [2, 3] },
      5,
      ['a page'],
    ],
    [
      'a header again',
      { repeatedHeaders: 1 },
      5,
      ['its header stands again among its rows, so that a part may be there twice'],
    ],
    [
      'metadata that disagrees',
      { statedRows: [6] },
      5,
      ['its metadata states 6 rows, its files have 5'],
    ],
    [
      'a file without rows where metadata states some',
      { statedRows: [6] },
      0,
      ['its metadata states 6 rows, its files have 0'],
    ],
    [
      'rows where metadata states none',
      { statedRows: [0] },
      5,
      ['its metadata states 0 rows, its files have 5'],
    ],
    [
      'parts whose sum disagrees',
      { statedRows: [2, 2] },
      5,
      ['its metadata states 2 and 2 rows, its files have 5'],
    ],
  ])('is in doubt: %s', (_, facts, rowCount, doubts) => {
    expect(evidence(facts, rowCount)).toEqual({ isKnown: true, doubts });
  });

  it.each([
    ['no file', {}, [NO_FILE]],
    ['no file, and two lists', { doubts: ['two lists'] }, ['two lists', NO_FILE]],
    [
      'no file where metadata states rows',
      { statedRows: [5] },
      ['its metadata states 5 rows, its files have 0', NO_FILE],
    ],
  ])('says that nothing is known: %s', (_, facts, doubts) => {
    expect(evidence({ files: 0, ...facts }, 0)).toEqual({ isKnown: false, doubts });
  });
});
