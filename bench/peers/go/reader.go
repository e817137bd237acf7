// SPDX-License-Identifier: MIT
package main

import (
	"context"
	"errors"
	"sort"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const pageSize = 1000

// reader asks for the facts about the users of one account.
type reader struct {
	census  *census
	client  *iam.Client
	account string
	alias   string
}

type key struct {
	types.AccessKeyMetadata
	used *time.Time
}

func (r *reader) users() []types.User {
	var users []types.User
	pages := iam.NewListUsersPaginator(r.client, &iam.ListUsersInput{MaxItems: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		r.census.acquire()
		page, err := pages.NextPage(context.TODO())
		r.census.release()
		check(err)
		users = append(users, page.Users...)
	}
	return users
}

func (r *reader) accountAlias() string {
	r.census.acquire()
	defer r.census.release()
	page, err := r.client.ListAccountAliases(context.TODO(), &iam.ListAccountAliasesInput{})
	check(err)
	if len(page.AccountAliases) == 0 {
		return ""
	}
	return page.AccountAliases[0]
}

func (r *reader) tags(name *string) []tag {
	tags := []tag{}
	input := &iam.ListUserTagsInput{UserName: name, MaxItems: aws.Int32(pageSize)}
	for {
		r.census.acquire()
		page, err := r.client.ListUserTags(context.TODO(), input)
		r.census.release()
		check(err)
		for _, t := range page.Tags {
			tags = append(tags, tag{*t.Key, *t.Value})
		}
		if !page.IsTruncated {
			break
		}
		input.Marker = page.Marker
	}
	sort.Slice(tags, func(i, j int) bool { return tags[i].Key < tags[j].Key })
	return tags
}

func (r *reader) groups(name *string) []string {
	groups := []string{}
	pages := iam.NewListGroupsForUserPaginator(r.client,
		&iam.ListGroupsForUserInput{UserName: name, MaxItems: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		r.census.acquire()
		page, err := pages.NextPage(context.TODO())
		r.census.release()
		check(err)
		for _, group := range page.Groups {
			groups = append(groups, *group.GroupName)
		}
	}
	sort.Strings(groups)
	return groups
}

func (r *reader) hasMFA(name *string) bool {
	found := false
	pages := iam.NewListMFADevicesPaginator(r.client,
		&iam.ListMFADevicesInput{UserName: name, MaxItems: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		r.census.acquire()
		page, err := pages.NextPage(context.TODO())
		r.census.release()
		check(err)
		found = found || len(page.MFADevices) > 0
	}
	return found
}

// When the password was set; nil where there is none.
func (r *reader) passwordSet(name *string) *time.Time {
	r.census.acquire()
	defer r.census.release()
	profile, err := r.client.GetLoginProfile(context.TODO(), &iam.GetLoginProfileInput{UserName: name})
	var none *types.NoSuchEntityException
	if errors.As(err, &none) {
		return nil
	}
	check(err)
	return profile.LoginProfile.CreateDate
}

func (r *reader) keys(name *string) []key {
	keys := []key{}
	pages := iam.NewListAccessKeysPaginator(r.client,
		&iam.ListAccessKeysInput{UserName: name, MaxItems: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		r.census.acquire()
		page, err := pages.NextPage(context.TODO())
		r.census.release()
		check(err)
		for _, k := range page.AccessKeyMetadata {
			keys = append(keys, key{AccessKeyMetadata: k})
		}
	}
	for i := range keys {
		r.census.acquire()
		use, err := r.client.GetAccessKeyLastUsed(context.TODO(),
			&iam.GetAccessKeyLastUsedInput{AccessKeyId: keys[i].AccessKeyId})
		r.census.release()
		check(err)
		keys[i].used = use.AccessKeyLastUsed.LastUsedDate
	}
	sort.Slice(keys, func(i, j int) bool {
		a, b := &keys[i], &keys[j]
		if !a.CreateDate.Equal(*b.CreateDate) {
			return a.CreateDate.Before(*b.CreateDate)
		}
		return *a.AccessKeyId < *b.AccessKeyId
	})
	return keys
}

func (r *reader) certificates(name *string) []certificate {
	certificates := []certificate{}
	pages := iam.NewListSigningCertificatesPaginator(r.client,
		&iam.ListSigningCertificatesInput{UserName: name, MaxItems: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		r.census.acquire()
		page, err := pages.NextPage(context.TODO())
		r.census.release()
		check(err)
		for _, c := range page.Certificates {
			certificates = append(certificates,
				certificate{*c.CertificateId, string(c.Status), timeText(c.UploadDate)})
		}
	}
	sort.Slice(certificates, func(i, j int) bool {
		return certificates[i].CertificateId < certificates[j].CertificateId
	})
	return certificates
}
