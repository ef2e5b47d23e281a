// The scenario with the AWS SDK for Go. The first argument is the URL of the endpoint.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type item = map[string]types.AttributeValue

// must returns the result of a request that must succeed.
func must[Result any](result Result, err error) Result {
	if err != nil {
		panic(err)
	}
	return result
}

func text(value string) types.AttributeValue {
	return &types.AttributeValueMemberS{Value: value}
}

func number(value string) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: value}
}

func main() {
	ctx := context.Background()
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(os.Args[1]),
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("nodetodo", "nodetodo", ""),
	})
	name := aws.String("scenario")
	must(client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: name,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("p"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("s"), AttributeType: types.ScalarAttributeTypeN},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("p"), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String("s"), KeyType: types.KeyTypeRange},
		},
		BillingMode: types.BillingModePayPerRequest,
	}))
	description := &dynamodb.DescribeTableInput{TableName: name}
	if err := dynamodb.NewTableExistsWaiter(client).Wait(ctx, description, time.Minute); err != nil {
		panic(err)
	}
	first := item{
		"p":      text("a"),
		"s":      number("1"),
		"binary": &types.AttributeValueMemberB{Value: []byte{0, 1, 255}},
		"list": &types.AttributeValueMemberL{
			Value: []types.AttributeValue{&types.AttributeValueMemberBOOL{Value: true}},
		},
	}
	must(client.PutItem(ctx, &dynamodb.PutItemInput{TableName: name, Item: first}))
	_, err := client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: name, Item: first, ConditionExpression: aws.String("attribute_not_exists(p)"),
	})
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		fmt.Println(failed.ErrorCode())
	}
	put := types.Put{TableName: name, Item: item{"p": text("a"), "s": number("2")}}
	must(client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{{Put: &put}},
	}))
	query := &dynamodb.QueryInput{
		TableName:                 name,
		KeyConditionExpression:    aws.String("p = :p"),
		ExpressionAttributeValues: item{":p": text("a")},
		Limit:                     aws.Int32(1),
	}
	query.ExclusiveStartKey = must(client.Query(ctx, query)).LastEvaluatedKey
	second := must(client.Query(ctx, query)).Items[0]
	fmt.Println(second["s"].(*types.AttributeValueMemberN).Value)
	key := item{"p": text("a"), "s": number("1")}
	stored := must(client.GetItem(ctx, &dynamodb.GetItemInput{TableName: name, Key: key})).Item
	list := stored["list"].(*types.AttributeValueMemberL).Value
	fmt.Printf("%x %t\n", stored["binary"].(*types.AttributeValueMemberB).Value,
		list[0].(*types.AttributeValueMemberBOOL).Value)
	created := must(client.DescribeTable(ctx, description)).Table.CreationDateTime
	fmt.Println(time.Since(*created).Abs() < 10*time.Minute)
	must(client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: name}))
	fmt.Println(len(must(client.ListTables(ctx, &dynamodb.ListTablesInput{})).TableNames))
}
