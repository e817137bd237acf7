// SPDX-License-Identifier: MIT
// Executes a state machine definition with aws-local-stepfunctions.
//
//   node run_machine.mjs DEFINITION URL < INPUT
//
// Every Lambda invocation is POSTed to URL/invoke as {"state", "FunctionName", "Payload"}; the
// answer is {"Payload": ...}, or {"errorType", "errorMessage"}, which fails the task with it.
// The interpreter knows no ItemReader: its read is made a task of its own before the map, POSTed to
// URL/read as {"Bucket", "Key"}, answered by the array of items. Waits before retries are left out.
// Prints {"result": ...} or {"error", "cause"}, and in both the states in the order they were entered.
import { readFileSync } from 'node:fs';
import { StateMachine } from 'aws-local-stepfunctions';

// The interpreter is written for Node.js 22; this is all that it misses in 20.
Promise.withResolvers ??= () => {
  const deferred = {};
  deferred.promise = new Promise((resolve, reject) => Object.assign(deferred, { resolve, reject }));
  return deferred;
};

const [definitionPath, url] = process.argv.slice(2);
const definition = JSON.parse(readFileSync(definitionPath, 'utf8'));
const input = JSON.parse(readFileSync(0, 'utf8'));
const handlers = {};
const waits = {};

async function post(path, body) {
  const answer = await fetch(url + path, { method: 'POST', body: JSON.stringify(body) });
  return answer.json();
}

function lambda(state) {
  return async ({ FunctionName, Payload }) => {
    const answer = await post('/invoke', { state, FunctionName, Payload });
    if (answer.errorType) {
      const error = new Error(answer.errorMessage);
      error.name = answer.errorType;
      throw error;
    }
    return answer;
  };
}

function prepare(machine) {
  for (const [name, state] of Object.entries({ ...machine.States })) {
    if (state.Type === 'Task') {
      handlers[name] = lambda(name);
      waits[name] = (state.Retry ?? []).map(() => 0);
    }
    if (state.Type !== 'Map') continue;
    prepare(state.ItemProcessor);
    if (!state.ItemReader) continue;
    const reader = `${name}.ItemReader`;
    const { Resource, Parameters } = state.ItemReader;
    machine.States[name + '.Map'] = { ...state, ItemsPath: '$.items_read' };
    delete machine.States[name + '.Map'].ItemReader;
    // The state before keeps its Next: the read takes the map's name, and its Catch.
    machine.States[name] = {
      Type: 'Task', Resource, Parameters, ResultPath: '$.items_read', Catch: state.Catch, Next: name + '.Map',
    };
    handlers[name] = async (parameters) => {
      const items = await post('/read', parameters);
      if (!Array.isArray(items)) {
        const error = new Error(`${reader}: no array`);
        error.name = 'States.ItemReaderFailed';
        throw error;
      }
      return items;
    };
  }
}

prepare(definition);
const machine = new StateMachine(definition, { validationOptions: { checkArn: false } });
const name = 'an-execution';
const context = {
  Execution: { Id: `arn:aws:states:eu-west-1:123456789012:execution:census:${name}`, Name: name, Input: input,
    StartTime: new Date().toISOString() },
};
const execution = machine.run(input, {
  context,
  overrides: { taskResourceLocalHandlers: handlers, retryIntervalOverrides: waits },
});
const entered = [];
const reading = (async () => {
  for await (const event of execution.eventLogs) {
    if (/Entered$/.test(event.type)) entered.push(event.state.name);
  }
})();
let outcome;
try {
  outcome = { result: await execution.result };
} catch (error) {
  outcome = { error: error.name, cause: error.message, name: error.cause?.name, detail: error.cause?.cause };
}
await Promise.race([reading, new Promise((resolve) => setTimeout(resolve, 1000))]);
console.log(JSON.stringify({ ...outcome, entered }));
