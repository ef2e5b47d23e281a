// The scenario with the AWS SDK for JavaScript. The first argument is the URL of the endpoint.
import { DynamoDB, waitUntilTableExists } from "@aws-sdk/client-dynamodb";

const client = new DynamoDB({
  endpoint: process.argv[2],
  region: "us-east-1",
  credentials: { accessKeyId: "nodetodo", secretAccessKey: "nodetodo" },
});
const TableName = "scenario";
await client.createTable({
  TableName,
  AttributeDefinitions: [
    { AttributeName: "p", AttributeType: "S" },
    { AttributeName: "s", AttributeType: "N" },
  ],
  KeySchema: [
    { AttributeName: "p", KeyType: "HASH" },
    { AttributeName: "s", KeyType: "RANGE" },
  ],
  BillingMode: "PAY_PER_REQUEST",
});
await waitUntilTableExists({ client, maxWaitTime: 60 }, { TableName });
const Item = {
  p: { S: "a" },
  s: { N: "1" },
  binary: { B: new Uint8Array([0, 1, 255]) },
  list: { L: [{ BOOL: true }] },
};
await client.putItem({ TableName, Item });
try {
  await client.putItem({ TableName, Item, ConditionExpression: "attribute_not_exists(p)" });
} catch (error) {
  console.log(error.name);
}
await client.transactWriteItems({
  TransactItems: [{ Put: { TableName, Item: { p: { S: "a" }, s: { N: "2" } } } }],
});
const query = {
  TableName,
  KeyConditionExpression: "p = :p",
  ExpressionAttributeValues: { ":p": { S: "a" } },
  Limit: 1,
};
const first = await client.query(query);
const second = await client.query({ ...query, ExclusiveStartKey: first.LastEvaluatedKey });
console.log(second.Items[0].s.N);
const stored = (await client.getItem({ TableName, Key: { p: { S: "a" }, s: { N: "1" } } })).Item;
console.log(Buffer.from(stored.binary.B).toString("hex"), stored.list.L[0].BOOL);
const created = (await client.describeTable({ TableName })).Table.CreationDateTime;
console.log(Math.abs(Date.now() - created.getTime()) < 600000);
await client.deleteTable({ TableName });
console.log((await client.listTables({})).TableNames.length);
