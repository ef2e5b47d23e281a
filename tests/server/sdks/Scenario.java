import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/** The scenario with the AWS SDK for Java. The first argument is the URL of the endpoint. */
class Scenario {
    static AttributeDefinition attribute(String name, ScalarAttributeType type) {
        return AttributeDefinition.builder().attributeName(name).attributeType(type).build();
    }

    static KeySchemaElement key(String name, KeyType type) {
        return KeySchemaElement.builder().attributeName(name).keyType(type).build();
    }

    public static void main(String[] arguments) {
        var credentials = AwsBasicCredentials.create("nodetodo", "nodetodo");
        var client = DynamoDbClient.builder()
            .endpointOverride(URI.create(arguments[0]))
            .region(Region.US_EAST_1)
            .credentialsProvider(StaticCredentialsProvider.create(credentials))
            .build();
        var name = "scenario";
        client.createTable(request -> request
            .tableName(name)
            .attributeDefinitions(attribute("p", ScalarAttributeType.S), attribute("s", ScalarAttributeType.N))
            .keySchema(key("p", KeyType.HASH), key("s", KeyType.RANGE))
            .billingMode(BillingMode.PAY_PER_REQUEST));
        client.waiter().waitUntilTableExists(request -> request.tableName(name));
        var item = Map.of(
            "p", AttributeValue.fromS("a"),
            "s", AttributeValue.fromN("1"),
            "binary", AttributeValue.fromB(SdkBytes.fromByteArray(new byte[] {0, 1, -1})),
            "list", AttributeValue.fromL(List.of(AttributeValue.fromBool(true))));
        client.putItem(request -> request.tableName(name).item(item));
        try {
            client.putItem(request -> request
                .tableName(name).item(item).conditionExpression("attribute_not_exists(p)"));
        } catch (ConditionalCheckFailedException error) {
            System.out.println(error.awsErrorDetails().errorCode());
        }
        var other = Map.of("p", AttributeValue.fromS("a"), "s", AttributeValue.fromN("2"));
        client.transactWriteItems(request -> request
            .transactItems(action -> action.put(put -> put.tableName(name).item(other))));
        var query = QueryRequest.builder()
            .tableName(name)
            .keyConditionExpression("p = :p")
            .expressionAttributeValues(Map.of(":p", AttributeValue.fromS("a")))
            .limit(1)
            .build();
        var last = client.query(query).lastEvaluatedKey();
        var second = client.query(query.toBuilder().exclusiveStartKey(last).build());
        System.out.println(second.items().get(0).get("s").n());
        var key = Map.of("p", AttributeValue.fromS("a"), "s", AttributeValue.fromN("1"));
        var stored = client.getItem(request -> request.tableName(name).key(key)).item();
        System.out.println(HexFormat.of().formatHex(stored.get("binary").b().asByteArray())
            + " " + stored.get("list").l().get(0).bool());
        var created = client.describeTable(request -> request.tableName(name)).table().creationDateTime();
        System.out.println(Duration.between(created, Instant.now()).abs().toMinutes() < 10);
        client.deleteTable(request -> request.tableName(name));
        System.out.println(client.listTables().tableNames().size());
    }
}
