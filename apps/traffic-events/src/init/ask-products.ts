import { createInterface } from 'node:readline/promises';
import { DEFAULT_PRODUCTS, PRODUCTS } from './products.ts';
import type { Product } from './products.ts';

/** Asks on a terminal which products are used; again where none is. */
export async function askProducts(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<ReadonlySet<Product>> {
  const terminal = createInterface({ input, output });
  try {
    for (;;) {
      const used = new Set<Product>();
      for (const [product, name] of Object.entries(PRODUCTS) as [Product, string][]) {
        const isDefault = DEFAULT_PRODUCTS.includes(product);
        const answer = await terminal.question(
          `Do you use ${name}? [${isDefault ? 'Y/n' : 'y/N'}] `,
        );
        if (isYes(answer, isDefault)) used.add(product);
      }
      if (used.size > 0) return used;
      output.write('The API has the events of these three products alone. Which of them is it?\n');
    }
  } finally {
    terminal.close();
  }
}

function isYes(answer: string, isDefault: boolean): boolean {
  const text = answer.trim().toLowerCase();
  return text === '' ? isDefault : text.startsWith('y');
}
