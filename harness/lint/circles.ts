/**
 * The sets of files that reach each other, each with more than one file: the strongly connected components of the graph (Tarjan,
 * "Depth-first search and linear graph algorithms", 1972).
 */
export function circles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const index = new Map<string, number>();
  const path: string[] = [];
  const onPath = new Set<string>();

  function visit(file: string): number {
    const own = index.size;
    index.set(file, own);
    let low = own;
    path.push(file);
    onPath.add(file);
    for (const target of imports.get(file) ?? []) {
      if (!index.has(target)) low = Math.min(low, visit(target));
      else if (onPath.has(target)) low = Math.min(low, index.get(target) ?? low);
    }
    if (low === own) close(file);
    return low;
  }

  function close(root: string): void {
    const circle = path.splice(path.indexOf(root));
    for (const file of circle) onPath.delete(file);
    if (circle.length > 1) found.push(circle.sort());
  }

  for (const file of imports.keys()) if (!index.has(file)) visit(file);
  return found;
}
