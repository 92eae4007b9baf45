using System.Text.Json.Serialization;

namespace MailServer.Web.Admin;

/// <summary>The current state of a node, with the findings that need an administrator.</summary>
public sealed record StatusDocument(
    string Version,
    string Hostname,
    int ProcessId,
    DateTimeOffset StartedAt,
    IReadOnlyList<PortDocument> Ports,
    IReadOnlyDictionary<string, int> Sessions,
    QueueStatusDocument Queue,
    int MailboxesOpen,
    int Bans,
    IReadOnlyList<CertificateExpiryDocument> Certificates,
    MemoryDocument Memory,
    DiskDocument Disk,
    IReadOnlyList<FindingDocument> Findings);

/// <summary>A listening port.</summary>
public sealed record PortDocument(string Name, string Address, int Port);

/// <summary>
/// The number of queued messages and the time when the oldest was queued, without the messages of the <paramref name="UnavailableParts"/> of
/// <paramref name="Parts"/> that do not answer.
/// </summary>
public sealed record QueueStatusDocument(int Messages, DateTimeOffset? OldestAt, int UnavailableParts, int Parts)
{
    /// <summary>The domains to which nothing is sent for now; <c>*</c> stands for all.</summary>
    public IReadOnlyList<string> Paused { get; init; } = [];
}

/// <summary>A certificate in use.</summary>
public sealed record CertificateExpiryDocument(IReadOnlyList<string> Names, string Issuer, DateTimeOffset NotAfter, int DaysLeft);

/// <summary>Memory in octets: resident set of the process, and managed heap.</summary>
public sealed record MemoryDocument(long Resident, long ManagedHeap);

/// <summary>Free and total octets of the file system that contains the data directory.</summary>
public sealed record DiskDocument(string Path, long Free, long Total);

/// <summary>The open sessions.</summary>
public sealed record SessionListDocument(IReadOnlyList<SessionDocument> Sessions);

/// <summary>One session.</summary>
public sealed record SessionDocument(
    string Id,
    string Listener,
    string Account,
    string Address,
    string Client,
    string Tls,
    string State,
    string Folder,
    string LastCommand,
    DateTimeOffset? LastCommandAt,
    DateTimeOffset StartedAt,
    long BytesIn,
    long BytesOut,
    int? MailboxInbox,
    string Node = "",
    string MailboxNode = "");

/// <summary>One line of a session. <paramref name="From"/> is client or server.</summary>
public sealed record TailLineDocument(DateTimeOffset At, string From, string Text);

/// <summary>The open mailboxes.</summary>
public sealed record MailboxListDocument(IReadOnlyList<MailboxDocument> Mailboxes);

/// <summary>An open mailbox.</summary>
public sealed record MailboxDocument(long Id, string Account, DateTimeOffset OpenedAt, int Watchers, int Inbox, int Searches, string Node = "");

/// <summary>Who has which rights to the mail folders of an account.</summary>
public sealed record FolderGrantListDocument(string Account, IReadOnlyList<FolderGrantDocument> Grants);

/// <summary>The rights of an account, or of <c>anyone</c>, to a mail folder, in the letters of RFC 4314.</summary>
public sealed record FolderGrantDocument(string Folder, string Guest, string Rights);

/// <summary>The folders of one account.</summary>
public sealed record FolderListDocument(string Account, IReadOnlyList<FolderDocument> Folders);

/// <summary>A folder.</summary>
public sealed record FolderDocument(string Name, int Messages, int Unseen, long Size, uint UidValidity, uint UidNext, long HighestModSeq);

/// <summary>The size of a user's mail and the quota in octets (null: no quota), and outgoing mail (null if it is not counted).</summary>
public sealed record UserUsageDocument(string Address, long Used, long? Quota, OutgoingUsageDocument? Sent);

/// <summary>Mail to other hosts: messages in 24 hours; recipients in this hour and in 24 hours, and new recipients in 24 hours, each with its limit (0: none).</summary>
public sealed record OutgoingUsageDocument(long Messages, long RecipientsThisHour, int PerHour, long Recipients, int PerDay, long NewRecipients, int NewPerDay);

/// <summary>Actors, parents before their children.</summary>
public sealed record ActorListDocument(IReadOnlyList<ActorDocument> Actors);

/// <summary>An actor.</summary>
public sealed record ActorDocument(string Path, string Type, int Inbox, int Children);

/// <summary>The log level of a component.</summary>
public sealed record LogLevelDocument(string Name, string Level);

/// <summary>The log levels of all components.</summary>
public sealed record LogLevelListDocument(IReadOnlyList<LogLevelDocument> Levels);

/// <summary>The active bans.</summary>
public sealed record BanListDocument(IReadOnlyList<BanDocument> Bans);

/// <summary>A ban. <paramref name="Until"/> is null if it is permanent.</summary>
public sealed record BanDocument(string Network, DateTimeOffset Since, DateTimeOffset? Until, string Reason, bool ByHand);

/// <summary>The networks that are never banned.</summary>
public sealed record AllowedListDocument(IReadOnlyList<AllowedDocument> Networks);

/// <summary>A network that is never banned.</summary>
public sealed record AllowedDocument(string Network, DateTimeOffset Since, string Reason);

/// <summary>The domains.</summary>
public sealed record DomainListDocument(IReadOnlyList<DomainDocument> Domains);

/// <summary>
/// A domain with its settings: whether its mail is accepted, the quota in octets of accounts without their own (null: none), the targets of the catch-all, the mode of the MTA-STS policy
/// (null: that of the server), and what administrators wrote about it.
/// </summary>
public sealed record DomainDocument(
    string Domain, bool Enabled, int Users, int Aliases, DateTimeOffset CreatedAt, long? Quota, IReadOnlyList<string> CatchAll, bool CatchAllEnabled, string? MtaSts, string Comment)
{
    /// <summary>The number of mailing lists.</summary>
    public int Lists { get; init; }

    /// <summary>The domain that gets its mail; null if it has addresses of its own.</summary>
    public string? AliasOf { get; init; }
}

/// <summary>The mailing lists.</summary>
public sealed record MailingListsDocument(IReadOnlyList<MailingListDocument> Lists);

/// <summary>A mailing list: who may write (members, anyone, owner), where answers go (author, list), whether mail for it is accepted, and the members.</summary>
public sealed record MailingListDocument(string Address, string Name, string Owner, string Post, string Replies, bool Enabled, IReadOnlyList<string> Members);

/// <summary>The aliases.</summary>
public sealed record AliasListDocument(IReadOnlyList<AliasDocument> Aliases);

/// <summary>An alias: where its mail goes, whether mail for it is accepted, and what administrators wrote about it.</summary>
public sealed record AliasDocument(string Address, IReadOnlyList<string> Targets, bool Enabled, string Comment);

/// <summary>A new user, or a new link for one: the generated password or the link, and when the link expires. Both are shown only here.</summary>
public sealed record NewUserDocument(string Address, string? Password, string? Link, DateTimeOffset? ExpiresAt)
{
    public override string ToString() => $"NewUserDocument {{ Address = {Address} }}";
}

/// <summary>The invitations.</summary>
public sealed record InvitationListDocument(IReadOnlyList<InvitationDocument> Invitations);

/// <summary>An invitation. <paramref name="State"/> is open, used or expired.</summary>
public sealed record InvitationDocument(string Address, string State, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt);

/// <summary>The result of a file with accounts: how many were added, and a result for each line.</summary>
public sealed record UserImportDocument(int Added, IReadOnlyList<UserImportLineDocument> Lines);

/// <summary>The result for a line. <paramref name="Result"/> is added, unchanged or faulty; the password or link is shown only here.</summary>
public sealed record UserImportLineDocument(int Line, string Address, string Result, string Reason, string? Password, string? Link)
{
    public override string ToString() => $"UserImportLineDocument {{ Line = {Line}, Address = {Address} }}";
}

/// <summary>The open sessions of the web page.</summary>
public sealed record PageSessionListDocument(IReadOnlyList<PageSessionDocument> Sessions);

/// <summary>A browser that is signed in to the web page.</summary>
public sealed record PageSessionDocument(string Id, string Account, string Browser, string Address, DateTimeOffset StartedAt, DateTimeOffset LastUsedAt, bool SecondFactor);

/// <summary>How many sessions were ended.</summary>
public sealed record PageSessionsEndedDocument(int Ended);

/// <summary>Whether a request changed something, and if not, why.</summary>
public sealed record ChangeDocument(bool Changed, string Reason)
{
    /// <summary>What an administrator may not expect of the change; empty if there is nothing.</summary>
    public string Hint { get; init; } = "";
}

/// <summary>JSON serialization of the runtime state in the admin API, shared with the command line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(ClusterDocument))]
[JsonSerializable(typeof(ShardListDocument))]
[JsonSerializable(typeof(ClusterEventListDocument))]
[JsonSerializable(typeof(ClusterEventDocument))]
[JsonSerializable(typeof(SessionListDocument))]
[JsonSerializable(typeof(TailLineDocument))]
[JsonSerializable(typeof(MailboxListDocument))]
[JsonSerializable(typeof(FolderListDocument))]
[JsonSerializable(typeof(FolderGrantListDocument))]
[JsonSerializable(typeof(UserUsageDocument))]
[JsonSerializable(typeof(ActorListDocument))]
[JsonSerializable(typeof(LogLevelListDocument))]
[JsonSerializable(typeof(BanListDocument))]
[JsonSerializable(typeof(AuditDocument))]
[JsonSerializable(typeof(LogLinesDocument))]
[JsonSerializable(typeof(BackupStateDocument))]
[JsonSerializable(typeof(HistoryDocument))]
[JsonSerializable(typeof(DomainListDocument))]
[JsonSerializable(typeof(DomainDocument))]
[JsonSerializable(typeof(AliasListDocument))]
[JsonSerializable(typeof(AliasDocument))]
[JsonSerializable(typeof(MailingListsDocument))]
[JsonSerializable(typeof(MailingListDocument))]
[JsonSerializable(typeof(ChangeDocument))]
[JsonSerializable(typeof(PageSessionListDocument))]
[JsonSerializable(typeof(PageSessionsEndedDocument))]
[JsonSerializable(typeof(AllowedListDocument))]
[JsonSerializable(typeof(NewUserDocument))]
[JsonSerializable(typeof(InvitationListDocument))]
[JsonSerializable(typeof(UserImportDocument))]
public sealed partial class RuntimeJson : JsonSerializerContext;
