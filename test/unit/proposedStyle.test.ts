import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PROMPT_STYLES } from '../../src/core/prompt';
import { proposedStyle } from '../../src/core/proposedStyle';

describe('the style that is proposed for a model', () => {
  for (const [model, style] of [
    ['Unbabel/TowerInstruct-7B-v0.2', 'tower'],
    ['tower-plus-9b.Q4_K_M.gguf', 'tower'],
    ['BSC-LT/salamandraTA-7b-instruct', 'tower'],
    ['haoranxu/ALMA-7B-R', 'alma'],
    ['/models/alma_13b.gguf', 'alma'],
    ['tencent/Hunyuan-MT-7B', 'hunyuan'],
    ['HY_MT1.5-1.8B-Q8_0', 'hunyuan'],
    ['translategemma:12b', 'translategemma'],
    ['google/translate-gemma-4b-it', 'translategemma'],
    // General models whose names are like those.
    ['almanach/camembert', 'record'],
    ['BSC-LT/salamandra-7b-instruct', 'record'],
    ['tencent/Hunyuan-A13B-Instruct', 'record'],
    ['gemma3:12b', 'record'],
    ['Qwen2.5-7B-Instruct', 'record'],
    ['', 'record'],
  ] as const)
    it(`is ${style} for “${model}”`, () => assert.equal(proposedStyle(model), style));

  it('is one there is, whatever a server calls its models', () => {
    fc.assert(fc.property(fc.string(), model => PROMPT_STYLES.includes(proposedStyle(model))));
  });
});
