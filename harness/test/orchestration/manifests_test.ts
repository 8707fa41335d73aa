/** The manifests of deploy/ are what Kubernetes has published of their kinds. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { Pod } from 'kubernetes-models/v1/Pod';
import { parse } from 'yaml';
import { REPOSITORY } from '../../src/base/shell.js';

const FOLDER = join(REPOSITORY, 'deploy', 'kubernetes');

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Throws an Error that says where it is not what its kind is. */
function validate(manifest: Manifest): void {
  switch (`${manifest.apiVersion} ${manifest.kind}`) {
    case 'v1 Pod':
      new Pod(manifest as ConstructorParameters<typeof Pod>[0]).validate();
      return;
    case 'apps/v1 Deployment':
      new Deployment(manifest as ConstructorParameters<typeof Deployment>[0]).validate();
      return;
    default:
      throw new Error(`no schema for ${manifest.apiVersion} ${manifest.kind}`);
  }
}

function read(name: string): Manifest {
  return parse(readFileSync(join(FOLDER, name), 'utf8')) as Manifest;
}

for (const name of readdirSync(FOLDER)) {
  test(`${name} is valid`, () => validate(read(name)));
}

test('one that is not says where', () => {
  const pod = read('worker-pod.yaml') as unknown as { spec: { containers: { image: unknown }[] } };
  assert.ok(pod.spec.containers[0]);
  pod.spec.containers[0].image = 7;
  assert.throws(() => validate(pod as unknown as Manifest), /containers\/0\/image must be string/);
});
