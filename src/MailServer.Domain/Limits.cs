namespace MailServer.Domain;

/// <summary>
/// All bounds on what a peer can make the server store or do. Sizes are in octets unless stated otherwise. When a limit is
/// reached the command is refused, or the session's view is marked and resynchronised; buffers never grow beyond their limit.
/// </summary>
public sealed partial record Limits
{
    /// <summary>The limits that apply unless the configuration overrides them.</summary>
    public static Limits Default { get; } = new();

    /// <summary>Maximum size of a message accepted by SMTP or APPEND (<c>security.max_message_size</c>).</summary>
    public long MaxMessageSize { get; init; } = 50 * 1024 * 1024;

    /// <summary>Messages up to this size are buffered in pooled memory while they arrive; larger ones are written to a spool file.</summary>
    public int MessageMemory { get; init; } = 256 * 1024;

    /// <summary>Maximum size of the header section that is parsed and cached.</summary>
    public int MaxHeaderSize { get; init; } = 256 * 1024;

    /// <summary>Maximum nesting depth of MIME parts; deeper parts are treated as opaque content.</summary>
    public int MaxMimeDepth { get; init; } = 64;

    /// <summary>Maximum number of MIME parts described in BODYSTRUCTURE; further parts are omitted.</summary>
    public int MaxMimeParts { get; init; } = 1_000;

    /// <summary>Maximum number of parameters of a Content-Type or Content-Disposition field; each RFC 2231 continuation counts.</summary>
    public int MaxMimeParameters { get; init; } = 100;

    /// <summary>Maximum size of a BODYSTRUCTURE; further parts are omitted.</summary>
    public int MaxMimeDescription { get; init; } = 1024 * 1024;

    /// <summary>Maximum length of an SMTP command line without CRLF. RFC 5321 §4.5.3.1.4 requires 512; extensions and AUTH need more (RFC 4954 §4).</summary>
    public int SmtpCommandLine { get; init; } = 12_288;

    /// <summary>Maximum length of an SMTP line that is read to its end and refused; a longer line closes the connection.</summary>
    public int SmtpMaxReadLine { get; init; } = 65_536;

    /// <summary>Maximum length of a text line in DATA without CRLF. RFC 5321 §4.5.3.1.6 requires 998; real mail needs more.</summary>
    public int SmtpTextLine { get; init; } = 65_536;

    /// <summary>Maximum number of recipients per transaction; RFC 5321 §4.5.3.1.8 requires at least 100.</summary>
    public int SmtpRecipients { get; init; } = 1_000;

    /// <summary>Number of refused commands after which an SMTP or IMAP connection is closed.</summary>
    public int MaxErrors { get; init; } = 20;

    /// <summary>Number of failed authentications after which a connection is closed. A client may try one wrong password with several mechanisms.</summary>
    public int MaxAuthenticationFailures { get; init; } = 6;

    /// <summary>Maximum length of a login name or a password.</summary>
    public int CredentialLength { get; init; } = 1_024;

    /// <summary>Maximum length of a SCRAM message.</summary>
    public int ScramMessage { get; init; } = 4_096;

    /// <summary>Maximum number of transactions per SMTP connection (announced as LIMITS MAILMAX, RFC 9422).</summary>
    public int SmtpTransactions { get; init; } = 1_000;

    /// <summary>SMTP: maximum time between two reads from the client (RFC 5321 §4.5.3.2.7).</summary>
    public TimeSpan SmtpIdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>SMTP: maximum duration of a connection.</summary>
    public TimeSpan SmtpConnectionLifetime { get; init; } = TimeSpan.FromMinutes(60);

    /// <summary>How long a session waits for a credential check; then authentication fails temporarily.</summary>
    public TimeSpan AuthenticationTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an SMTP session waits for the verdict on a sender or recipient; then it replies 451.</summary>
    public TimeSpan AddressTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a session waits for a message to be stored or queued; clients wait for ten minutes (RFC 5321 §4.5.3.2.6).</summary>
    public TimeSpan DeliveryTimeout { get; init; } = TimeSpan.FromMinutes(6);

    /// <summary>How long a closing session waits for pending replies.</summary>
    public TimeSpan SessionEndTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one write to a client may take before the connection is closed.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Number of unsent octets at which a session waits for the client to read.</summary>
    public int WriteBacklog { get; init; } = 256 * 1024;

    /// <summary>Maximum number of messages per page of a FETCH.</summary>
    public int FetchPage { get; init; } = 512;

    /// <summary>Maximum number of message files open at once for one FETCH.</summary>
    public int FetchContentPage { get; init; } = 16;

    /// <summary>Maximum number of flag changes that a session's view buffers; beyond that the view is marked and resynchronised.</summary>
    public int ViewBacklog { get; init; } = 4_096;

    /// <summary>Maximum number of distinct keywords per folder.</summary>
    public int FolderKeywords { get; init; } = 200;

    /// <summary>Number of expunged messages recorded per folder (for QRESYNC, RFC 7162 §3.2.5).</summary>
    public int ExpungedHistory { get; init; } = 10_000;

    /// <summary>Maximum number of folders per account.</summary>
    public int Folders { get; init; } = 10_000;

    /// <summary>Maximum length of a folder name in UTF-8.</summary>
    public int FolderName { get; init; } = 1_000;

    /// <summary>Maximum number of simultaneous connections per client address; further ones receive 421 or BYE.</summary>
    public int ConnectionsPerAddress { get; init; } = 100;

    /// <summary>Maximum number of simultaneous connections of the node.</summary>
    public int Connections { get; init; } = 20_000;

    /// <summary>Maximum duration of a TLS handshake.</summary>
    public TimeSpan TlsHandshakeTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Maximum depth of alias expansion; deeper nesting counts as a loop (RFC 5321 §4.3.1 leaves the number open).</summary>
    public int AliasDepth { get; init; } = 10;

    /// <summary>Number of Received fields at which a message counts as looping (RFC 5321 §6.3).</summary>
    public int ReceivedFields { get; init; } = 100;

    /// <summary>Maximum number of messages in the outbound queue of a node; further ones are refused with 452.</summary>
    public int QueuedMessages { get; init; } = 1_000_000;

    /// <summary>Maximum number of simultaneous outbound connections of the node.</summary>
    public int OutboundConnections { get; init; } = 200;

    /// <summary>Maximum number of recipients per outbound transaction.</summary>
    public int OutboundRecipients { get; init; } = 100;

    /// <summary>Maximum number of messages per outbound connection.</summary>
    public int OutboundTransactions { get; init; } = 100;

    /// <summary>Maximum number of mail exchangers of a domain tried per attempt.</summary>
    public int MailExchangers { get; init; } = 5;

    /// <summary>Maximum size of a message that a DSN returns in full; larger ones are reduced to their header section.</summary>
    public int ReturnedContent { get; init; } = 256 * 1024;

    /// <summary>Maximum stored length of a remote host's reply.</summary>
    public int RemoteReply { get; init; } = 1_000;

    /// <summary>Maximum number of messages in the trace (<c>queue trace</c>).</summary>
    public int TracedMessages { get; init; } = 500_000;

    /// <summary>How long the trace of a message is kept after its last event.</summary>
    public TimeSpan TraceRetention { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Timeout of one request to a DNS server; then it is repeated or sent to the next server.</summary>
    public TimeSpan DnsServerTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Total timeout of a DNS query; then it fails temporarily.</summary>
    public TimeSpan DnsQueryTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Maximum number of records used from one DNS answer.</summary>
    public int DnsRecords { get; init; } = 200;

    /// <summary>Maximum number of DKIM signatures verified per message, from the top (RFC 6376 §6.1 leaves the choice to the verifier).</summary>
    public int DkimSignatures { get; init; } = 8;

    /// <summary>Maximum number of From domains for which DMARC is evaluated; a message with more is suspicious.</summary>
    public int AuthorDomains { get; init; } = 8;

    /// <summary>Timeout of one authentication check of a message (RFC 7208 §4.6.4 requires at least 20 seconds).</summary>
    public TimeSpan TrustCheckTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Timeout of DNS block lists at RCPT, and of SPF for greylisting; no answer counts as not listed.</summary>
    public TimeSpan BlockListTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Maximum number of addresses with cached block list results.</summary>
    public int BlockListCache { get; init; } = 10_000;

    /// <summary>Maximum number of greylisting triplets; beyond that, new ones pass.</summary>
    public int GreylistEntries { get; init; } = 500_000;

    /// <summary>Maximum number of networks and domains with rate counters; beyond that, new ones pass.</summary>
    public int RateSources { get; init; } = 50_000;

    /// <summary>Maximum number of messages delayed at the same time because their sender is new (<c>security.first_contact_delay</c>).</summary>
    public int HeldMessages { get; init; } = 200;

    /// <summary>Maximum number of app passwords per account.</summary>
    public int AppPasswords { get; init; } = 100;

    /// <summary>Maximum number of addresses and logins with recorded sign-in failures; beyond that the oldest are removed.</summary>
    public int TrackedSignInFailures { get; init; } = 50_000;

    /// <summary>Maximum number of queued password checks; beyond that a sign-in fails temporarily.</summary>
    public int QueuedSignIns { get; init; } = 200;

    /// <summary>Maximum number of queued sign-ins per client network; beyond that a sign-in fails temporarily.</summary>
    public int QueuedSignInsPerNetwork { get; init; } = 100;

    /// <summary>Maximum number of bans; beyond that the ban that ends first is removed.</summary>
    public int Bans { get; init; } = 10_000;

    /// <summary>Maximum delay of the reply to a failed sign-in.</summary>
    public TimeSpan SignInFailureDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long audit events are kept.</summary>
    public TimeSpan AuditRetention { get; init; } = TimeSpan.FromDays(180);

    /// <summary>Maximum number of audit events; beyond that the oldest are removed early.</summary>
    public int AuditEvents { get; init; } = 1_000_000;

    /// <summary>Maximum number of unwritten audit events; further ones are counted and dropped.</summary>
    public int AuditBacklog { get; init; } = 10_000;

    /// <summary>Timeout for the PROXY header of a trusted proxy.</summary>
    public TimeSpan ProxyHeaderTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Maximum number of queued scheduling messages per account; changes that would create more are refused.</summary>
    public int SchedulingMessages { get; init; } = 10_000;

    /// <summary>Maximum total size of the scheduling messages of one change: object size times number of attendees.</summary>
    public long SchedulingOctets { get; init; } = 64 * 1024 * 1024;

    /// <summary>Maximum number of scheduling messages per account in delivery at the same time.</summary>
    public int SchedulingInFlight { get; init; } = 50;

    /// <summary>Maximum number of messages in a scheduling inbox; the oldest are removed.</summary>
    public int ScheduleInbox { get; init; } = 500;

    /// <summary>Maximum number of users in one free-busy request.</summary>
    public int FreeBusyUsers { get; init; } = 100;

    /// <summary>Maximum number of unwritten report observations; further ones are counted and dropped.</summary>
    public int ReportBacklog { get; init; } = 10_000;

    /// <summary>Maximum number of rows of a report that this server sends.</summary>
    public int ReportRows { get; init; } = 5_000;

    /// <summary>Maximum number of rows of all reports of one day.</summary>
    public int ReportRowsPerDay { get; init; } = 100_000;

    /// <summary>Maximum number of report URIs used from one record (RFC 9990 §3.4 leaves the number open).</summary>
    public int ReportUris { get; init; } = 10;

    /// <summary>Maximum number of reports sent at the same time.</summary>
    public int ConcurrentReports { get; init; } = 8;

    /// <summary>Timeout of a report upload.</summary>
    public TimeSpan ReportUploadTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Maximum size of the attachment of a received report, usually compressed.</summary>
    public int ReportAttachment { get; init; } = 10 * 1024 * 1024;

    /// <summary>Maximum uncompressed size of a received report.</summary>
    public long ReportDocument { get; init; } = 50 * 1024 * 1024;

    /// <summary>Maximum number of records in a received report.</summary>
    public int ReportRecords { get; init; } = 100_000;

    /// <summary>Maximum length of a text in a report; longer text is truncated.</summary>
    public int ReportText { get; init; } = 1_000;

    /// <summary>Maximum total size of received reports waiting to be parsed; further reports are delivered as ordinary mail.</summary>
    public long ReportIntakeBacklog { get; init; } = 64 * 1024 * 1024;

    /// <summary>Maximum number of stored received reports, and of recorded sent reports; the oldest are removed first.</summary>
    public int RetainedReports { get; init; } = 10_000;

    /// <summary>Maximum total compressed size of stored received reports.</summary>
    public long RetainedReportOctets { get; init; } = 512 * 1024 * 1024;

    /// <summary>Maximum time that a submission may be held (announced as FUTURERELEASE, RFC 4865 §3).</summary>
    public TimeSpan FutureRelease { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Maximum size of an MTA-STS policy file (RFC 8461 §3.3 suggests 64 KiB).</summary>
    public int MtaStsPolicySize { get; init; } = 64 * 1024;

    /// <summary>Timeout for fetching an MTA-STS policy (RFC 8461 §3.3 suggests at most one minute).</summary>
    public TimeSpan MtaStsFetchTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Delay after a failed policy fetch before the policy host is tried again.</summary>
    public TimeSpan MtaStsRetryDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Maximum number of cached MTA-STS policies.</summary>
    public int MtaStsPolicies { get; init; } = 10_000;

    /// <summary>Maximum number of web page sessions; beyond that the least recently used session is ended.</summary>
    public int PageSessions { get; init; } = 5_000;

    /// <summary>Maximum number of web page sessions per account.</summary>
    public int PageSessionsPerAccount { get; init; } = 20;

    /// <summary>Inactivity after which a web page session ends.</summary>
    public TimeSpan PageSessionIdleTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Maximum duration of a web page session.</summary>
    public TimeSpan PageSessionLifetime { get; init; } = TimeSpan.FromHours(12);

    /// <summary>Maximum number of page sign-ins waiting for a one-time code, and how long they wait.</summary>
    public int PendingPageSignIns { get; init; } = 1_000;

    public TimeSpan PageSignInTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Maximum number of posted forms of a page session whose results are remembered, and for how long. A form posted twice takes effect once.</summary>
    public int PageOutcomes { get; init; } = 32;

    public TimeSpan PageOutcomeLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the result of a page sign-in is remembered. It contains the cookie of the session.</summary>
    public TimeSpan PageSignInOutcomeLifetime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Maximum number of networks that administrators ban, and that they allow. Each is compared with every new connection.</summary>
    public int NetworkRules { get; init; } = 1_000;

    /// <summary>Maximum number of accounts that the page adds from one file: each password takes time to hash, and the browser waits.</summary>
    public int PageImportedAccounts { get; init; } = 200;

    /// <summary>Maximum number of accounts that one file adds.</summary>
    public int ImportedAccounts { get; init; } = 10_000;

    /// <summary>Maximum size of a form.</summary>
    public int PageForm { get; init; } = 64 * 1024;

    /// <summary>Maximum size of a form with a file. The file is kept in memory until it has been read.</summary>
    public int PageUpload { get; init; } = 32 * 1024 * 1024;

    /// <summary>Maximum size of an HTTP request body, unless an endpoint has its own limit (DAV, imports).</summary>
    public int WebRequest { get; init; } = 64 * 1024;

    /// <summary>Request bodies up to this size arrive in memory; larger ones are written to a temporary file.</summary>
    public int RequestBodyBuffer { get; init; } = 256 * 1024;

    /// <summary>
    /// Maximum memory of all request bodies of the node that arrive in memory; beyond that they arrive in files. Enough for 256 of the largest and thousands
    /// of ordinary ones, and small beside what a server needs anyway.
    /// </summary>
    public long RequestBodyBuffers { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Maximum memory of all large request bodies of the node that are processed at the same time. The largest file (<see cref="DavFile"/>) must fit; the
    /// database needs up to twice as much again, and a server with 1 GB must survive that. Further requests wait (<see cref="RequestBodyWait"/>).
    /// </summary>
    public long RequestBodyMemory { get; init; } = 128 * 1024 * 1024;

    /// <summary>Maximum number of request bodies of the node in temporary files; further large requests get 503, and those of one user beyond a quarter. Each needs a file descriptor and up to <see cref="DavFile"/> of the disk.</summary>
    public int RequestBodyFiles { get; init; } = 128;

    /// <summary>How long a large request body that has arrived waits for memory before it gets 503.</summary>
    public TimeSpan RequestBodyWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Maximum time in which a request body arrives: 100 MB at 120 kbit/s. The web server also ends requests that send less than 240 octets a second.</summary>
    public TimeSpan RequestBodyTimeout { get; init; } = TimeSpan.FromHours(2);
}
