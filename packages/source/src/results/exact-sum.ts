import { ResultFormatError } from '../errors.ts';

const DECIMAL = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** Up to this many digits a JavaScript number holds an integer, and a few thousand of their sum. */
const SMALL_DIGITS = 12;
const FLUSH_AT = 2 ** 52;

/** Adds decimal text exactly: no digit is lost, however long. */
export class ExactSum {
  /** Sum so far times 10^scale. */
  #units = 0n;
  #scale = 0;
  /** Small integers, not yet in #units: adding them as numbers is ten times as fast. */
  #small = 0;

  add(text: string): void {
    if (text.length <= SMALL_DIGITS && isInteger(text)) {
      this.addInteger(Number(text));
      return;
    }
    const { units, scale } = parse(text);
    this.#rescale(scale);
    this.#units += units * 10n ** BigInt(this.#scale - scale);
  }

  /** Adds an integer of at most 15 digits, which a number holds exactly. */
  addInteger(value: number): void {
    this.#small += value;
    if (this.#small > FLUSH_AT || this.#small < -FLUSH_AT) this.#flush();
  }

  /** Decimal text without trailing zeros behind the point. */
  toString(): string {
    this.#flush();
    return format(this.#units, this.#scale);
  }

  #flush(): void {
    this.#units += BigInt(this.#small) * 10n ** BigInt(this.#scale);
    this.#small = 0;
  }

  #rescale(scale: number): void {
    if (scale <= this.#scale) return;
    this.#units *= 10n ** BigInt(scale - this.#scale);
    this.#scale = scale;
  }
}

function isInteger(text: string): boolean {
  return /^-?\d+$/.test(text);
}

function parse(text: string): { units: bigint; scale: number } {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  if (whole === '') throw new ResultFormatError(`${JSON.stringify(text)} is no number to sum`);
  const scale = fraction.length - Number(exponent);
  const units = BigInt(sign + whole + fraction);
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 };
}

function format(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const fraction = scale === 0 ? '' : digits.slice(-scale).replace(/0+$/, '');
  const whole = scale === 0 ? digits : digits.slice(0, -scale);
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
