import { LineCounter, parseDocument } from 'yaml';
import type { ErrorCode, ScalarTag } from 'yaml';

import { ConfigError } from '../config-error.ts';

/**
 * The value of a YAML text. A number keeps its text where another number would be written otherwise:
 * ids of 18 digits, leading zeros. Throws ConfigError with file, line and column, never the text,
 * which may hold a secret.
 */
export function parseYaml(text: string, path: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'failsafe',
    customTags: ['null', 'bool', exactNumber],
    lineCounter: lines,
    prettyErrors: false,
  });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    throw new ConfigError(`${path}: line ${line}, column ${col}: ${REASONS[fault.code]}.`);
  }
  try {
    const value: unknown = document.toJS();
    refuseCircles(value);
    return value;
  } catch {
    throw new ConfigError(
      `${path}: an alias has no anchor before it, or leads to what it is a part of, or there are too many.`,
    );
  }
}

/** Nothing that reads a configuration could come to its end. */
function refuseCircles(value: unknown): void {
  JSON.stringify(value);
}

const exactNumber: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  test: /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/,
  resolve: (text) => (String(Number(text)) === text ? Number(text) : text),
};

/** The library's own messages show the text. */
const REASONS: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias cannot have an anchor or a tag',
  BAD_ALIAS: 'there is no such anchor, or its name is not allowed',
  BAD_COLLECTION_TYPE: 'a tag does not fit the list or mapping behind it',
  BAD_DIRECTIVE: 'a line that begins with % is no directive of YAML',
  BAD_DQ_ESCAPE: 'a backslash in double quotes begins no escape; use single quotes',
  BAD_INDENT: 'the indentation does not fit the lines above',
  BAD_PROP_ORDER: 'anchors and tags stand behind the indicator, before the value',
  BAD_SCALAR_START: 'a value begins with a reserved character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a value contains ": " or a nested mapping; put it in quotes',
  BLOCK_IN_FLOW: 'inside [] and {} no block may stand',
  DUPLICATE_KEY: 'a key stands twice in one mapping; keep one of them',
  IMPOSSIBLE: 'this is no YAML',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR:
    'a character is missing: a closing quote or bracket, a comma, or the space behind ":"',
  MULTILINE_IMPLICIT_KEY: 'a key goes over several lines; is ":" or a quote missing?',
  MULTIPLE_ANCHORS: 'a value has several anchors',
  MULTIPLE_DOCS: 'there is a second document behind "---"; keep one',
  MULTIPLE_TAGS: 'a value has several tags',
  NON_STRING_KEY: 'a key is no text',
  RESOURCE_EXHAUSTION: 'it is nested too deeply',
  TAB_AS_INDENT: 'a tab indents; use spaces',
  TAG_RESOLVE_FAILED: 'a tag (!name) is not known, or does not fit its value',
  UNEXPECTED_TOKEN:
    'something stands where it cannot; is a quote, a bracket or an indentation missing?',
};
