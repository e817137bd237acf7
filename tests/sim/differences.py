# SPDX-License-Identifier: MIT
"""The cases in which moto and the simulator answer differently, and the page of AWS that says which is right.

A row: the cases (a pattern), the lines (a pattern; '-' is moto's line, '+' the simulator's), why,
and the page. A difference that no row covers fails the test; with the version of moto that the
table was made for, so does a row that covers none.
"""

MOTO_VERSION = "5.2.1"

IAM = "https://docs.aws.amazon.com/IAM/latest/APIReference/"
STS = "https://docs.aws.amazon.com/STS/latest/APIReference/"
ORGANIZATIONS = "https://docs.aws.amazon.com/organizations/latest/APIReference/"
S3 = "https://docs.aws.amazon.com/AmazonS3/latest/API/"
REPORT = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html"
S3_CASES = ".*(Object|Multipart|Part).*"

DIFFERENCES = (
    # IAM and STS
    (".*", r"[-+] .*/(UserId|GroupId): .*", "moto's unique ids are random; AWS's begin with AIDA and AGPA",
     "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"),
    (".*", r"- /ErrorResponse/Error/message: .*", "moto says an error's message a second time, in lower case",
     IAM + "CommonErrors.html"),
    ("GetCallerIdentity.*", r"[-+] .*/Arn: .*", "moto has another order: the Arn comes first", STS + "API_GetCallerIdentity.html"),
    ("AssumeRole.*", r"- .*/PackedPolicySize: 6", "there is no policy whose size could be told", STS + "API_AssumeRole.html"),
    ("AssumeRole with a bad name", r"- /AssumeRoleResponse.*|- status 200", "moto takes any session name",
     STS + "API_AssumeRole.html"),
    ("AssumeRole with a bad name", r"\+ /ErrorResponse.*|\+ status 400", "a session name matches [\\w+=,.@-]*",
     STS + "API_AssumeRole.html"),
    ("ListUsers, a page", r"- .*/Users/member.*|- .*/IsTruncated: false", "moto does not page users", IAM + "API_ListUsers.html"),
    ("ListUsers, a page", r"\+ .*/(IsTruncated: true|Marker: <Marker>)", "a page cut short has a marker",
     IAM + "API_ListUsers.html"),
    ("List(AccessKeys|SigningCertificates|AccountAliases).*", r"\+ .*Result/IsTruncated: false",
     "moto leaves IsTruncated out", IAM + "API_ListAccessKeys.html"),
    ("GetAccessKeyLastUsed, never", r"[-+] .*/Region: N/A", "moto has another order: the Region comes first",
     IAM + "API_GetAccessKeyLastUsed.html"),
    ("GetAccessKeyLastUsed of no key", r"[-+] (status 40[34]|.*/(Code: (NoSuchEntity|AccessDenied)|Message: .*))",
     "IAM authorizes the call on the key's user, and denies it if there is none",
     "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html"),
    ("GetLoginProfile", r"[-+] .*/PasswordResetRequired: (true|false)", "moto forgets PasswordResetRequired=true",
     IAM + "API_CreateLoginProfile.html"),
    ("GetLoginProfile of none", r"[-+] .*/Message: Login [Pp]rofile .*bob.*", "the words are 'Login Profile for User NAME "
     "cannot be found.'", IAM + "API_GetLoginProfile.html"),
    ("ListVirtualMFADevices", r"- .*/(Base32StringSeed|QRCodePNG): .*", "the secret is shown once, when the device is made",
     IAM + "API_VirtualMFADevice.html"),
    ("ListVirtualMFADevices", r"- .*/User/Tags.*", "lists of devices do not show tags", IAM + "API_ListVirtualMFADevices.html"),
    ("GetAccountAuthorizationDetails", r"- .*/UserPolicyList: ", "there is none without inline policies",
     IAM + "API_GetAccountAuthorizationDetails.html"),
    ("GetAccountAuthorizationDetails", r"\+ .*/Tags: ", "moto leaves the empty list out", IAM + "API_UserDetail.html"),
    ("GetCredentialReport too early", r"[-+] .*/Message: .*", "AWS says no more than the code: see sim/report_csv.h",
     IAM + "API_GetCredentialReport.html"),
    ("GetCredentialReport", r"\+ .*/Content: <root_account>,.*", "moto lacks the root user's line", REPORT),
    ("GetCredentialReport", r"[-+] .*/Content: (ann|bob|cid),.*", "moto says not_supported of what is N/A, and no "
     "certificate's time", REPORT),
    # Organizations
    ("(Describe|List)(Organization|Account|Root).*", r"[-+] content-type: .*", "moto says text/html",
     ORGANIZATIONS + "API_ListAccounts.html"),
    ("DescribeOrganization", r"- /Organization/AvailablePolicyTypes.*", "the field is no longer filled",
     ORGANIZATIONS + "API_Organization.html"),
    ("ListAccounts.*", r'[-+] /Accounts\[\]/JoinedMethod: "(CREATED|INVITED)"', "the management account counts as invited",
     ORGANIZATIONS + "API_Account.html"),
    ("ListAccounts.*", r"\+ /Accounts\[\]/Paths\[\].*", "moto does not know Paths", ORGANIZATIONS + "API_Account.html"),
    ("List(Accounts|OrganizationalUnits).*", r"- /NextToken: <NextToken>", "moto has a NextToken that is null",
     ORGANIZATIONS + "API_ListAccounts.html"),
    # S3
    (S3_CASES, r"- x-amzn-requestid: <present>|\+ x-amz-request-id: <present>", "S3's header is x-amz-request-id",
     S3 + "RESTCommonResponseHeaders.html"),
    (S3_CASES, r"\+ x-amz-server-side-encryption: AES256", "every object is encrypted",
     "https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html"),
    ("(Put|Delete)Object.*|UploadPart|HeadObject of none", r"[-+] content-type: (text/html; charset=utf-8|application/xml)",
     "moto says text/html of an empty body", S3 + "RESTCommonResponseHeaders.html"),
    ("PutObject|UploadPart", r"- last-modified: <present>", "the answer to a PUT has none", S3 + "API_PutObject.html"),
    ("CompleteMultipartUpload", r"- x-amz-version-id: null", "there is none without versions",
     S3 + "API_CompleteMultipartUpload.html"),
    ("CompleteMultipartUpload", r"- /CompleteMultipartUploadResponse.*|\+ /CompleteMultipartUploadResult.*",
     "the root is CompleteMultipartUploadResult", S3 + "API_CompleteMultipartUpload.html"),
    ("ListParts", r"- /ListPartsResponse.*|\+ /ListPartsResult.*", "the root is ListPartsResult", S3 + "API_ListParts.html"),
    ("ListMultipartUploads", r"- .*/(Owner|Initiator)(/.*)?",
     "not said to those who may not know; the simulator never says who began an upload", S3 + "API_ListMultipartUploads.html"),
    ("ListMultipartUploads", r"[-+] .*/Upload/(Key: parts|StorageClass: STANDARD)", "another order",
     S3 + "API_ListMultipartUploads.html"),
    ("ListObjectsV2.*", r"[-+] /ListBucketResult/(IsTruncated: false|Name: compare|Prefix: (none)?|MaxKeys: 1000)",
     "moto has another order", S3 + "API_ListObjectsV2.html"),
    ("ListObjectsV2.*", r"\+ x-amz-bucket-region: us-east-1", "a list says where its bucket is",
     "https://github.com/aws/aws-sdk-js/blob/master/test/services/s3.spec.js"),
)
