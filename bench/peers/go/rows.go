// SPDX-License-Identifier: MIT
package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

var columns = []string{"AccountID", "AccountAlias", "UserName", "Tags", "CreationDateTime",
	"CreationAgeInDays", "Path", "Groups", "MFAEnabled", "LastActivity", "PasswordAge",
	"ConsoleLastSignIn", "AccessKeyID", "ActiveKeyAge", "AccessKeyLastUsed", "ARN", "ConsoleAccess",
	"SigningCerts"}

type tag struct{ Key, Value string }

type certificate struct{ CertificateId, Status, UploadDate string }

func timeText(moment *time.Time) string {
	if moment == nil {
		return ""
	}
	return moment.UTC().Format("2006-01-02T15:04:05Z")
}

func jsonText(document interface{}) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	check(encoder.Encode(document))
	return strings.TrimSuffix(out.String(), "\n")
}

func (r *reader) days(moment *time.Time) string {
	return strconv.Itoa(int(r.census.asOf.Sub(*moment) / (24 * time.Hour)))
}

func (r *reader) row(user *types.User) []string {
	name := user.UserName
	tags, groups, hasMFA := r.tags(name), r.groups(name), r.hasMFA(name)
	certificates, passwordSet, keys := r.certificates(name), r.passwordSet(name), r.keys(name)
	var lastUse *time.Time
	var active *key
	for i := range keys {
		if keys[i].used != nil && (lastUse == nil || keys[i].used.After(*lastUse)) {
			lastUse = keys[i].used
		}
		if active == nil && keys[i].Status == types.StatusTypeActive {
			active = &keys[i]
		}
	}
	shown, passwordAge, keyID, keyAge, keyUsed := *name, "", "", "", ""
	if strings.ContainsRune("=+-@", rune(shown[0])) {
		shown = "'" + shown
	}
	if passwordSet != nil {
		passwordAge = r.days(passwordSet)
	}
	if active != nil {
		keyID, keyAge, keyUsed = *active.AccessKeyId, r.days(active.CreateDate), timeText(active.used)
	}
	return []string{r.account, r.alias, shown, jsonText(tags), timeText(user.CreateDate),
		r.days(user.CreateDate), *user.Path, jsonText(groups), strconv.FormatBool(hasMFA),
		timeText(lastUse), passwordAge, timeText(user.PasswordLastUsed), keyID, keyAge, keyUsed,
		*user.Arn, strconv.FormatBool(passwordSet != nil), jsonText(certificates)}
}

// Writes the rows of all accounts, given in their order.
func writeCSV(path string, accounts [][][]string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	writer := csv.NewWriter(file)
	writer.UseCRLF = true
	if err := writer.Write(columns); err != nil {
		return err
	}
	for _, rows := range accounts {
		if err := writer.WriteAll(rows); err != nil {
			return err
		}
	}
	return file.Close()
}
