/**
 * The prompt of Stanford Alpaca as one text, for trainers that read a prompt and its completion. The words are part of the
 * format: models tuned with them are asked with them (tatsu-lab/stanford_alpaca, train.py; NJUNLP/x-LLM has the same).
 */
const WITH_INPUT =
  'Below is an instruction that describes a task, paired with an input that provides further context. Write a response that appropriately completes the request.';
const WITHOUT_INPUT =
  'Below is an instruction that describes a task. Write a response that appropriately completes the request.';

/** @param newline whether a line feed ends it: alpaca-lora, Axolotl and torchtune have one, Stanford Alpaca and x-LLaMA none */
export function alpacaPrompt(instruction: string, input: string, newline: boolean): string {
  const parts = [
    input === '' ? WITHOUT_INPUT : WITH_INPUT,
    `### Instruction:\n${instruction}`,
    ...(input === '' ? [] : [`### Input:\n${input}`]),
    '### Response:',
  ];
  return parts.join('\n\n') + (newline ? '\n' : '');
}

/** The words of the person in a chat: what LLaMA-Factory makes of an Alpaca row, where an empty text has no line. */
export function userTurn(instruction: string, input: string): string {
  return [instruction, input].filter(text => text !== '').join('\n');
}
