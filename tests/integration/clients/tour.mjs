// A tour with a connected client of either TypeScript SDK; gives what was seen. `call` is how that SDK calls a tool with options.
export async function tour(client, prefix, call) {
  const progress = [];
  const { tools } = await client.listTools();
  const echoed = await client.callTool({ name: `${prefix}echo`, arguments: { text: "grün" } });
  const counting = { name: `${prefix}count`, arguments: { steps: 3, ms: 5 } };
  const counted = await call(counting, { onprogress: ({ progress: done }) => progress.push(done) });
  const { resources } = await client.listResources();
  const contents = [];
  for (const { uri } of resources) contents.push((await client.readResource({ uri })).contents[0].text);
  const prompt = await client.getPrompt({ name: `${prefix}greet`, arguments: { who: "Ada" } });
  const error = await client.callTool({ name: `${prefix}fault`, arguments: {} }).then(
    () => null,
    (raised) => raised.code,
  );
  return {
    server: client.getServerVersion()?.name,
    tools: tools.map(({ name }) => name),
    echoed: echoed.content[0].text,
    counted: counted.content[0].text,
    progress,
    contents,
    prompt: prompt.messages[0].content.text,
    error,
  };
}
