namespace MailServer.Domain;

/// <summary>
/// Every bound on what a peer can make the server hold or do, in one place. Sizes are octets, times are intervals.
/// Overflow never grows a buffer: the command is refused, or the view is marked and resynchronised.
/// </summary>
public sealed record Limits
{
    /// <summary>The limits used where configuration does not say otherwise.</summary>
    public static Limits Default { get; } = new();

    /// <summary>The largest message accepted by SMTP or APPEND (<c>security.max_message_size</c>).</summary>
    public long MaxMessageSize { get; init; } = 50 * 1024 * 1024;

    /// <summary>A message up to this size is held in pooled memory while it arrives; the rest goes to a spool file.</summary>
    public int MessageMemory { get; init; } = 256 * 1024;

    /// <summary>The header section of a message, as far as it is parsed and cached.</summary>
    public int MaxHeaderSize { get; init; } = 256 * 1024;

    /// <summary>MIME parts nested or listed beyond these are treated as opaque content.</summary>
    public int MaxMimeDepth { get; init; } = 64;

    /// <summary>Parts of one message that are described; those after it are left out of BODYSTRUCTURE.</summary>
    public int MaxMimeParts { get; init; } = 1_000;

    /// <summary>Parameters of one Content-Type or Content-Disposition, RFC 2231 continuations counted one by one.</summary>
    public int MaxMimeParameters { get; init; } = 100;

    /// <summary>A BODYSTRUCTURE that has grown to this takes no more parts.</summary>
    public int MaxMimeDescription { get; init; } = 1024 * 1024;

    /// <summary>An SMTP command line without CRLF; RFC 5321 §4.5.3.1.4 asks for 512, extensions and AUTH for more (RFC 4954 §4).</summary>
    public int SmtpCommandLine { get; init; } = 12_288;

    /// <summary>An SMTP line that goes on beyond this ends the connection; up to here it is read to its end and refused.</summary>
    public int SmtpEndlessLine { get; init; } = 65_536;

    /// <summary>A text line in DATA without CRLF; RFC 5321 §4.5.3.1.6 asks for 998, real mail needs more.</summary>
    public int SmtpTextLine { get; init; } = 65_536;

    /// <summary>RCPT TO in one transaction; RFC 5321 §4.5.3.1.8 asks for at least 100.</summary>
    public int SmtpRecipients { get; init; } = 1_000;

    /// <summary>Refused commands after which an SMTP or IMAP connection is closed.</summary>
    public int MaxErrors { get; init; } = 20;

    /// <summary>Failed authentications after which a connection is closed; a client tries one wrong password with each mechanism in turn.</summary>
    public int MaxAuthenticationFailures { get; init; } = 6;

    /// <summary>A login name or a password.</summary>
    public int Credential { get; init; } = 1_024;

    /// <summary>A message of a SCRAM exchange.</summary>
    public int ScramMessage { get; init; } = 4_096;

    /// <summary>Transactions on one SMTP connection (announced by LIMITS MAILMAX, RFC 9422).</summary>
    public int SmtpTransactions { get; init; } = 1_000;

    /// <summary>SMTP: the longest wait for the next octets (RFC 5321 §4.5.3.2.7).</summary>
    public TimeSpan SmtpIdle { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>SMTP: the longest life of one connection.</summary>
    public TimeSpan SmtpConnection { get; init; } = TimeSpan.FromMinutes(60);

    /// <summary>An IMAP command without its literals.</summary>
    public int ImapCommandLine { get; init; } = 65_536;

    /// <summary>All literals of one IMAP command outside APPEND.</summary>
    public int ImapCommandLiterals { get; init; } = 65_536;

    /// <summary>An IMAP line before anybody has signed in: room for the longest response of a SASL mechanism, in base64.</summary>
    public int ImapSignInLine { get; init; } = 16_384;

    /// <summary>All literals of one IMAP command before anybody has signed in: LOGIN and AUTHENTICATE need no more.</summary>
    public int ImapSignInLiterals { get; init; } = 16_384;

    /// <summary>Parentheses in parentheses in an IMAP command (SEARCH keys, lists).</summary>
    public int ImapNesting { get; init; } = 32;

    /// <summary>IMAP: inactivity after which an authenticated session is closed (RFC 3501 §5.4 asks for at least 30 minutes).</summary>
    public TimeSpan ImapIdle { get; init; } = TimeSpan.FromMinutes(35);

    /// <summary>IMAP: the time a client has to authenticate.</summary>
    public TimeSpan ImapLogin { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A quiet IDLE hears <c>* OK Still here</c> this often, so that NAT tables keep the flow.</summary>
    public TimeSpan ImapIdleNotice { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a session waits for a mailbox; then the command is refused with <c>NO [UNAVAILABLE]</c>. A search through every body takes minutes.</summary>
    public TimeSpan MailboxAnswer { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a session waits for a credential to be checked; then the sign-in is refused for now.</summary>
    public TimeSpan AuthenticationAnswer { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an SMTP session waits to know whether a sender or recipient is accepted; then the answer is 451.</summary>
    public TimeSpan AddressAnswer { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a session waits for a message to be stored or queued; clients wait for ten minutes (RFC 5321 §4.5.3.2.6).</summary>
    public TimeSpan DeliveryAnswer { get; init; } = TimeSpan.FromMinutes(6);

    /// <summary>How long a session that is to end still waits for what it has asked.</summary>
    public TimeSpan EndingAnswer { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one write to a client may take before the connection is cut.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Octets written to a client before the session waits for them to be taken.</summary>
    public int WriteBacklog { get; init; } = 256 * 1024;

    /// <summary>Messages described in one page of a FETCH.</summary>
    public int FetchPage { get; init; } = 512;

    /// <summary>Messages of which contents are opened at once for one FETCH.</summary>
    public int FetchContentPage { get; init; } = 16;

    /// <summary>Flag changes that a view holds back; beyond it, it is marked and asks for what changed since.</summary>
    public int ViewBacklog { get; init; } = 4_096;

    /// <summary>Distinct keywords in one folder.</summary>
    public int FolderKeywords { get; init; } = 200;

    /// <summary>Expunged messages that a folder remembers (what QRESYNC can tell, RFC 7162 §3.2.5).</summary>
    public int ExpungedHistory { get; init; } = 10_000;

    /// <summary>Folders of one account.</summary>
    public int Folders { get; init; } = 10_000;

    /// <summary>A folder name, in UTF-8.</summary>
    public int FolderName { get; init; } = 1_000;

    /// <summary>Connections from one address at once; more are answered 421 or BYE.</summary>
    public int ConnectionsPerAddress { get; init; } = 100;

    /// <summary>Connections of the whole node at once.</summary>
    public int Connections { get; init; } = 20_000;

    /// <summary>The time a TLS handshake may take.</summary>
    public TimeSpan TlsHandshake { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Alias expansions nested beyond this are a loop (RFC 5321 §4.3.1 leaves the number open).</summary>
    public int AliasDepth { get; init; } = 10;

    /// <summary>Received fields beyond which a message is looping (RFC 5321 §6.3).</summary>
    public int ReceivedFields { get; init; } = 100;

    /// <summary>Messages in the outbound queue of a node; more are answered 452.</summary>
    public int QueuedMessages { get; init; } = 1_000_000;

    /// <summary>Connections to other hosts at once, of the whole node.</summary>
    public int OutboundConnections { get; init; } = 200;

    /// <summary>Recipients named in one transaction with another host.</summary>
    public int OutboundRecipients { get; init; } = 100;

    /// <summary>Messages sent over one connection to another host.</summary>
    public int OutboundTransactions { get; init; } = 100;

    /// <summary>Mail exchangers of one domain that are tried in one attempt.</summary>
    public int MailExchangers { get; init; } = 5;

    /// <summary>A message up to this size is returned whole with a notice that asks for it; of a larger one, its header.</summary>
    public int ReturnedContent { get; init; } = 256 * 1024;

    /// <summary>What is kept of a reply of another host.</summary>
    public int RemoteReply { get; init; } = 1_000;

    /// <summary>Messages of which <c>queue trace</c> still tells.</summary>
    public int TracedMessages { get; init; } = 500_000;

    /// <summary>How long after its last step a message's story is kept.</summary>
    public TimeSpan TraceAge { get; init; } = TimeSpan.FromDays(14);

    /// <summary>How long one DNS server is waited for before it is asked again, or the next.</summary>
    public TimeSpan DnsServer { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one question to DNS may take in all; then the answer is a temporary failure.</summary>
    public TimeSpan DnsQuestion { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Records of one DNS answer that are looked at.</summary>
    public int DnsRecords { get; init; } = 200;

    /// <summary>DKIM signatures of one message that are verified, from the top (RFC 6376 §6.1 lets a verifier choose).</summary>
    public int DkimSignatures { get; init; } = 8;

    /// <summary>Domains in From that DMARC is evaluated for; a message that names more is suspect.</summary>
    public int AuthorDomains { get; init; } = 8;

    /// <summary>How long one trust check of a message may take (RFC 7208 §4.6.4 asks for at least 20 seconds).</summary>
    public TimeSpan TrustCheck { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A calendar object or contact, photos included; announced as max-resource-size.</summary>
    public int DavResource { get; init; } = 10 * 1024 * 1024;

    /// <summary>A file put into the file space.</summary>
    public int DavFile { get; init; } = 100 * 1024 * 1024;

    /// <summary>The XML body of a DAV request.</summary>
    public int DavXml { get; init; } = 4 * 1024 * 1024;

    /// <summary>Elements nested in a DAV request.</summary>
    public int DavXmlDepth { get; init; } = 64;

    /// <summary>Resources described in one page of a multistatus.</summary>
    public int DavPage { get; init; } = 1_000;

    /// <summary>Octets of resources read for one page of a multistatus.</summary>
    public int DavPageOctets { get; init; } = 4 * 1024 * 1024;

    /// <summary>Collections and folders of one account.</summary>
    public int DavCollections { get; init; } = 10_000;

    /// <summary>Names below a home.</summary>
    public int DavDepth { get; init; } = 64;

    /// <summary>One name in a URL, decoded, in UTF-8.</summary>
    public int DavName { get; init; } = 1_000;

    /// <summary>One property that a client sets, as XML.</summary>
    public int DavProperty { get; init; } = 256 * 1024;

    /// <summary>Properties that clients set on one resource or collection.</summary>
    public int DavProperties { get; init; } = 200;

    /// <summary>Locks of one account at once.</summary>
    public int DavLocks { get; init; } = 1_000;

    /// <summary>The longest life of a lock that is not prolonged.</summary>
    public TimeSpan DavLockLife { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Octets of all collections and files of one account.</summary>
    public long DavQuota { get; init; } = 10L * 1024 * 1024 * 1024;

    /// <summary>Removals that a collection remembers for synchronisation; older tokens are refused, and the client begins anew.</summary>
    public int DavRemovals { get; init; } = 20_000;

    /// <summary>Accounts that one collection is shared with.</summary>
    public int DavShares { get; init; } = 500;

    /// <summary>Secret links of one calendar at once.</summary>
    public int DavLinks { get; init; } = 20;

    /// <summary>A file attached to a calendar object.</summary>
    public int DavAttachment { get; init; } = 25 * 1024 * 1024;

    /// <summary>Files attached to one calendar object.</summary>
    public int DavAttachments { get; init; } = 50;

    /// <summary>Subscriptions to one collection (WebDAV-Push).</summary>
    public int DavSubscriptions { get; init; } = 100;

    /// <summary>The longest life of a subscription that is not renewed.</summary>
    public TimeSpan DavSubscriptionLife { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Push messages that wait to be sent, of the whole node; beyond it a change is not told, and clients find it when they look.</summary>
    public int PushBacklog { get; init; } = 10_000;

    /// <summary>Principals found by one search.</summary>
    public int DavPrincipals { get; init; } = 200;

    /// <summary>How long block lists, or SPF for greylisting, may take to answer at RCPT; no answer is no listing.</summary>
    public TimeSpan BlockListCheck { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Addresses of which the answer of block lists is remembered.</summary>
    public int BlockListCache { get; init; } = 10_000;

    /// <summary>Greylisted triplets that are remembered; beyond it new ones pass.</summary>
    public int GreylistEntries { get; init; } = 500_000;

    /// <summary>Networks and domains whose rate is counted; beyond it new ones pass.</summary>
    public int RateSources { get; init; } = 50_000;

    /// <summary>Messages that wait at once because their sender is new (<c>security.first_contact_delay</c>).</summary>
    public int HeldMessages { get; init; } = 200;

    /// <summary>App passwords of one account.</summary>
    public int AppPasswords { get; init; } = 100;

    /// <summary>Addresses and logins whose failed sign-ins are remembered; beyond it the oldest are forgotten.</summary>
    public int RememberedFailures { get; init; } = 50_000;

    /// <summary>Passwords that wait to be hashed; beyond it a sign-in is told to come again.</summary>
    public int SignInsWaiting { get; init; } = 200;

    /// <summary>Attempts to sign in from one network that wait for others of it to end; beyond it they are told to come again.</summary>
    public int SignInsWaitingPerNetwork { get; init; } = 100;

    /// <summary>Bans at once; beyond it the one that ends soonest gives way.</summary>
    public int Bans { get; init; } = 10_000;

    /// <summary>The longest wait before a failed sign-in is answered.</summary>
    public TimeSpan FailureDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long audited events are kept.</summary>
    public TimeSpan AuditAge { get; init; } = TimeSpan.FromDays(180);

    /// <summary>Audited events at once; beyond it the oldest are removed early.</summary>
    public int AuditEvents { get; init; } = 1_000_000;

    /// <summary>Audited events that wait to be written; those beyond are counted and lost.</summary>
    public int AuditBacklog { get; init; } = 10_000;

    /// <summary>How long a trusted proxy may take to say for whom it connects.</summary>
    public TimeSpan ProxyHeader { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Scheduling messages of one account that may wait; changes that make more are refused.</summary>
    public int SchedulingMessages { get; init; } = 10_000;

    /// <summary>Octets of the messages that one change may make: the object times its attendees.</summary>
    public long SchedulingOctets { get; init; } = 64 * 1024 * 1024;

    /// <summary>Scheduling messages of one account that are on their way at once.</summary>
    public int SchedulingInFlight { get; init; } = 50;

    /// <summary>Messages kept in a scheduling inbox; the oldest make room.</summary>
    public int ScheduleInbox { get; init; } = 500;

    /// <summary>Users that one free-busy request may ask about.</summary>
    public int FreeBusyUsers { get; init; } = 100;

    /// <summary>Observations for reports that wait to be written down; more are dropped and counted.</summary>
    public int ReportBacklog { get; init; } = 10_000;

    /// <summary>Rows of one report of ours: kinds of mail told apart for one domain and day.</summary>
    public int ReportRows { get; init; } = 5_000;

    /// <summary>Rows of all reports of one day.</summary>
    public int ReportRowsPerDay { get; init; } = 100_000;

    /// <summary>URIs of one record that reports are sent to (RFC 9990 §3.4 leaves the number open).</summary>
    public int ReportUris { get; init; } = 10;

    /// <summary>Reports of ours that are being sent at once.</summary>
    public int ReportsAtOnce { get; init; } = 8;

    /// <summary>How long the upload of one report may take.</summary>
    public TimeSpan ReportUpload { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A received report as it is attached, mostly compressed.</summary>
    public int ReportAttachment { get; init; } = 10 * 1024 * 1024;

    /// <summary>A received report without its compression.</summary>
    public long ReportDocument { get; init; } = 50 * 1024 * 1024;

    /// <summary>Records of one received report.</summary>
    public int ReportRecords { get; init; } = 100_000;

    /// <summary>A text in a report; the rest is cut off.</summary>
    public int ReportText { get; init; } = 1_000;

    /// <summary>Octets of received reports that wait to be read; more are left as ordinary mail.</summary>
    public long ReportIntake { get; init; } = 64 * 1024 * 1024;

    /// <summary>Received reports that are kept, and sent ones that are remembered; the oldest go first.</summary>
    public int ReportsKept { get; init; } = 10_000;

    /// <summary>Octets of received reports that are kept, compressed.</summary>
    public long ReportOctetsKept { get; init; } = 512 * 1024 * 1024;

    /// <summary>How far ahead a submission may be held (announced by FUTURERELEASE, RFC 4865 §3).</summary>
    public TimeSpan FutureRelease { get; init; } = TimeSpan.FromDays(30);

    /// <summary>An MTA-STS policy file (RFC 8461 §3.3 suggests 64 KiB).</summary>
    public int MtaStsPolicySize { get; init; } = 64 * 1024;

    /// <summary>How long fetching an MTA-STS policy may take (RFC 8461 §3.3 suggests a minute at most).</summary>
    public TimeSpan MtaStsFetch { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a policy host that failed is left alone.</summary>
    public TimeSpan MtaStsRetry { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>MTA-STS policies that are kept.</summary>
    public int MtaStsPolicies { get; init; } = 10_000;

    /// <summary>Browsers that are signed in to the web page; beyond it the one longest unused is signed out.</summary>
    public int PageSessions { get; init; } = 5_000;

    /// <summary>Of one account.</summary>
    public int PageSessionsPerAccount { get; init; } = 20;

    /// <summary>A browser that asks for nothing is signed out.</summary>
    public TimeSpan PageIdle { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>And any browser, whatever it does.</summary>
    public TimeSpan PageLongest { get; init; } = TimeSpan.FromHours(12);

    /// <summary>Sign-ins that wait for a code, and how long they do.</summary>
    public int PageSignIns { get; init; } = 1_000;

    public TimeSpan PageSignIn { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Octets of a form.</summary>
    public int PageForm { get; init; } = 64 * 1024;

    /// <summary>The body of an HTTP request, in octets, where nothing says otherwise: DAV and imports have bounds of their own.</summary>
    public int WebRequest { get; init; } = 64 * 1024;
}
