// SPDX-License-Identifier: MIT
// Prints as JSON what the AWS SDK for JavaScript reads: read.mjs URL KEY SECRET PAGE_SIZE ACCOUNT...
// With "refusals" in the place of the page size: the errors it gets for wrong calls. With "followed": whether it
// finds the buckets that are named in the place of accounts.
import { IAMClient, GetAccessKeyLastUsedCommand, GetLoginProfileCommand, GenerateCredentialReportCommand,
  GetCredentialReportCommand, ListUserTagsCommand, NoSuchEntityException, paginateGetAccountAuthorizationDetails,
  paginateListAccessKeys, paginateListAccountAliases, paginateListGroupsForUser, paginateListMFADevices,
  paginateListSigningCertificates, paginateListUserTags, paginateListUsers,
  paginateListVirtualMFADevices } from "@aws-sdk/client-iam";
import { OrganizationsClient, DescribeOrganizationCommand, paginateListAccounts, paginateListAccountsForParent,
  paginateListOrganizationalUnitsForParent, paginateListRoots } from "@aws-sdk/client-organizations";
import { S3Client, AbortMultipartUploadCommand, CompleteMultipartUploadCommand, CreateMultipartUploadCommand,
  DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand, UploadPartCommand,
  paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { STSClient, AssumeRoleCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";

const [url, accessKeyId, secretAccessKey, mode, ...accountIds] = process.argv.slice(2);
const pageSize = Number(mode) || 1000;
const settings = (credentials) => ({ endpoint: url, region: "us-east-1", credentials, maxAttempts: 1 });
const caller = settings({ accessKeyId, secretAccessKey });
const sts = new STSClient(caller);

const ACCOUNT_LISTS = { ListUsers: [paginateListUsers, "Users"],
  ListAccountAliases: [paginateListAccountAliases, "AccountAliases"],
  ListVirtualMFADevices: [paginateListVirtualMFADevices, "VirtualMFADevices"],
  GetAccountAuthorizationDetails: [paginateGetAccountAuthorizationDetails, "UserDetailList"] };
const USER_LISTS = { ListUserTags: [paginateListUserTags, "Tags"],
  ListAccessKeys: [paginateListAccessKeys, "AccessKeyMetadata"], ListMFADevices: [paginateListMFADevices, "MFADevices"],
  ListSigningCertificates: [paginateListSigningCertificates, "Certificates"],
  ListGroupsForUser: [paginateListGroupsForUser, "Groups"] };

async function all(paginate, key, client, input = {}, size = pageSize) {
  const found = [];
  for await (const page of paginate({ client, pageSize: size }, input)) found.push(...(page[key] ?? []));
  return found;
}

async function inside(accountId) {
  const answer = await sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${accountId}:role/CensusRole`,
    RoleSessionName: "javascript" }));
  const made = answer.Credentials;
  return { accessKeyId: made.AccessKeyId, secretAccessKey: made.SecretAccessKey, sessionToken: made.SessionToken };
}

function bare({ $metadata, ...answer }) {
  return answer;
}

async function loginProfile(iam, UserName) {
  try {
    return (await iam.send(new GetLoginProfileCommand({ UserName }))).LoginProfile;
  } catch (error) {
    if (error instanceof NoSuchEntityException) return null;
    throw error;
  }
}

async function report(iam) {
  for (let tries = 0; tries < 100; tries++) {
    const { State } = await iam.send(new GenerateCredentialReportCommand({}));
    if (State === "COMPLETE") {
      const answer = await iam.send(new GetCredentialReportCommand({}));
      return { Content: new TextDecoder().decode(answer.Content), GeneratedTime: answer.GeneratedTime,
        ReportFormat: answer.ReportFormat };
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error("the report is never complete");
}

async function readAccount(accountId) {
  const credentials = await inside(accountId);
  const iam = new IAMClient(settings(credentials));
  const facts = { GetLoginProfile: {}, GetAccessKeyLastUsed: {} };
  for (const [operation, [paginate, key]] of Object.entries(ACCOUNT_LISTS))
    facts[operation] = await all(paginate, key, iam);
  for (const [operation, [paginate, key]] of Object.entries(USER_LISTS)) {
    facts[operation] = {};
    for (const { UserName } of facts.ListUsers) facts[operation][UserName] = await all(paginate, key, iam, { UserName });
  }
  for (const { UserName } of facts.ListUsers) facts.GetLoginProfile[UserName] = await loginProfile(iam, UserName);
  for (const { AccessKeyId } of Object.values(facts.ListAccessKeys).flat())
    facts.GetAccessKeyLastUsed[AccessKeyId] = bare(await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId })));
  return { facts, report: await report(iam),
    identity: bare(await new STSClient(settings(credentials)).send(new GetCallerIdentityCommand({}))) };
}

async function readOrganization() {
  const client = new OrganizationsClient(caller);
  const roots = await all(paginateListRoots, "Roots", client, {}, 20);
  const organization = { Organization: (await client.send(new DescribeOrganizationCommand({}))).Organization, Roots: roots,
    Accounts: await all(paginateListAccounts, "Accounts", client, {}, 3), Parents: {}, Units: {} };
  const parents = roots.map((root) => root.Id);
  while (parents.length > 0) {
    const ParentId = parents.pop();
    organization.Parents[ParentId] = await all(paginateListAccountsForParent, "Accounts", client, { ParentId }, 20);
    const units = await all(paginateListOrganizationalUnitsForParent, "OrganizationalUnits", client, { ParentId }, 1);
    organization.Units[ParentId] = units;
    parents.push(...units.map((unit) => unit.Id));
  }
  return organization;
}

async function useS3() {
  const client = new S3Client({ ...caller, forcePathStyle: true });
  const name = { Bucket: "javascript", Key: "a b/ü+.csv" };
  const body = "0123456789".repeat(1000);
  await client.send(new PutObjectCommand({ ...name, Body: body, ContentType: "text/csv" }));
  const head = bare(await client.send(new HeadObjectCommand(name)));
  const got = await (await client.send(new GetObjectCommand(name))).Body.transformToString();
  const large = { Bucket: "javascript", Key: "parts" };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(large));
  const Parts = [];
  const bodies = ["a".repeat(5 * 1024 * 1024), "the end"];
  for (const [index, Body] of bodies.entries()) {
    const part = { ...large, UploadId, PartNumber: index + 1 };
    Parts.push({ PartNumber: index + 1, ETag: (await client.send(new UploadPartCommand({ ...part, Body }))).ETag });
  }
  const done = bare(await client.send(new CompleteMultipartUploadCommand({ ...large, UploadId, MultipartUpload: { Parts } })));
  const whole = await (await client.send(new GetObjectCommand(large))).Body.transformToString();
  const left = await client.send(new CreateMultipartUploadCommand({ Bucket: "javascript", Key: "left" }));
  await client.send(new AbortMultipartUploadCommand({ Bucket: "javascript", Key: "left", UploadId: left.UploadId }));
  const listed = await all(paginateListObjectsV2, "Contents", client, { Bucket: "javascript" }, 1);
  await client.send(new DeleteObjectCommand(name));
  const after = await all(paginateListObjectsV2, "Contents", client, { Bucket: "javascript" });
  return { same: got === body, whole: whole === bodies.join(""), head, done, listed, after };
}

// What an error is to a program: its class, its code, its status, its words.
async function refusal(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return { type: error.constructor.name, name: error.name, status: error.$metadata?.httpStatusCode,
      message: error.message, retryable: Boolean(error.$retryable) };
  }
}

async function refusals() {
  const iam = new IAMClient(settings(await inside(accountIds[0])));
  const wrongSecret = settings({ accessKeyId, secretAccessKey: "wrong" });
  const s3 = new S3Client({ ...caller, forcePathStyle: true });
  return {
    user: await refusal(() => iam.send(new ListUserTagsCommand({ UserName: "nobody-of-this-name" }))),
    role: await refusal(() => inside("999999999999")),
    signature: await refusal(() => new STSClient(wrongSecret).send(new GetCallerIdentityCommand({}))),
    organization: await refusal(() => new OrganizationsClient(wrongSecret).send(new DescribeOrganizationCommand({}))),
    object: await refusal(() => s3.send(new GetObjectCommand({ Bucket: "javascript", Key: "none" }))),
    key: await refusal(() => iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: "AKIANOSUCHKEY0000000" }))),
    report: await refusal(() => iam.send(new GetCredentialReportCommand({}))),
    external: await refusal(() => sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${accountIds[0]}:role/CensusRole`,
      RoleSessionName: "javascript", ExternalId: "a b" }))),
    swapped: await refusal(() => new STSClient(settings({ accessKeyId: "SE/CRET", secretAccessKey })).send(
      new GetCallerIdentityCommand({}))),
    upload: await refusal(() => s3.send(new AbortMultipartUploadCommand({ Bucket: "javascript", Key: "none", UploadId: "none" }))),
  };
}

// Buckets of other regions, each by a client of its own that knows nothing yet: how long the object then is. The SDK
// cannot follow a HeadObject that is refused with 400, which has no body and so no code.
async function followed() {
  const seen = {};
  for (const Bucket of accountIds) {
    const s3 = new S3Client({ ...caller, forcePathStyle: true, followRegionRedirects: true });
    await s3.send(new PutObjectCommand({ Bucket, Key: "moved", Body: "12345" }));
    seen[Bucket] = (await (await s3.send(new GetObjectCommand({ Bucket, Key: "moved" }))).Body.transformToString()).length;
  }
  return seen;
}

const other = { refusals, followed }[mode];
const result = other ? await other() : { accounts: {} };
if (!other) {
  for (const accountId of accountIds) result.accounts[accountId] = await readAccount(accountId);
  result.organization = await readOrganization();
  result.s3 = await useS3();
  result.identity = bare(await sts.send(new GetCallerIdentityCommand({})));
}
process.stdout.write(JSON.stringify(result));
