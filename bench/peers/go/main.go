// SPDX-License-Identifier: MIT
// The peer in Go: AWS SDK for Go v2, 64 calls in flight, the 18 standard columns.
//
// Usage: census-go -accounts FILE -role-name NAME -as-of TIME -output FILE
// A goroutine an account and one a user; a semaphore bounds the calls.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	region        = "us-east-1"
	callsInFlight = 64
	attempts      = 6
)

type census struct {
	endpoint string
	roleName string
	asOf     time.Time
	http     aws.HTTPClient
	sts      *sts.Client
	slots    chan struct{}
}

func (c *census) acquire() { c.slots <- struct{}{} }
func (c *census) release() { <-c.slots }

func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = attempts })
}

func newCensus(endpoint, roleName string, asOf time.Time) *census {
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns = callsInFlight
		t.MaxIdleConnsPerHost = callsInFlight // its default of 10 would open a connection a call
	})
	caller := credentials.NewStaticCredentialsProvider(os.Getenv("AWS_ACCESS_KEY_ID"),
		os.Getenv("AWS_SECRET_ACCESS_KEY"), "")
	return &census{
		endpoint: endpoint,
		roleName: roleName,
		asOf:     asOf,
		http:     client,
		slots:    make(chan struct{}, callsInFlight),
		sts: sts.New(sts.Options{Region: region, Credentials: caller, HTTPClient: client,
			Retryer: newRetryer(), EndpointResolver: sts.EndpointResolverFromURL(endpoint)}),
	}
}

func (c *census) iamClient(account string) *iam.Client {
	c.acquire()
	role, err := c.sts.AssumeRole(context.TODO(), &sts.AssumeRoleInput{
		RoleArn:         aws.String("arn:aws:iam::" + account + ":role/" + c.roleName),
		RoleSessionName: aws.String("peer")})
	c.release()
	check(err)
	given := credentials.NewStaticCredentialsProvider(*role.Credentials.AccessKeyId,
		*role.Credentials.SecretAccessKey, *role.Credentials.SessionToken)
	return iam.New(iam.Options{Region: region, Credentials: given, HTTPClient: c.http,
		Retryer: newRetryer(), EndpointResolver: iam.EndpointResolverFromURL(c.endpoint)})
}

// The rows of one account, ascending by name.
func (c *census) readAccount(account string) [][]string {
	client := c.iamClient(account)
	r := &reader{census: c, client: client, account: account}
	users := r.users()
	r.alias = r.accountAlias()
	sort.Slice(users, func(i, j int) bool { return *users[i].UserName < *users[j].UserName })
	rows := make([][]string, len(users))
	var all sync.WaitGroup
	for i := range users {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			rows[i] = r.row(&users[i])
		}(i)
	}
	all.Wait()
	return rows
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	accountsFile := flag.String("accounts", "", "a file, one id a line")
	roleName := flag.String("role-name", "", "role to assume")
	asOf := flag.String("as-of", "", "the moment that ages are counted to")
	output := flag.String("output", "", "the CSV")
	flag.Parse()
	text, err := os.ReadFile(*accountsFile)
	check(err)
	accounts := strings.Fields(string(text))
	sort.Strings(accounts)
	moment, err := time.Parse(time.RFC3339, *asOf)
	check(err)
	c := newCensus(os.Getenv("AWS_ENDPOINT_URL"), *roleName, moment)
	rows := make([][][]string, len(accounts))
	var all sync.WaitGroup
	for i, account := range accounts {
		all.Add(1)
		go func(i int, account string) {
			defer all.Done()
			rows[i] = c.readAccount(account)
		}(i, account)
	}
	all.Wait()
	check(writeCSV(*output, rows))
}
