using System.Text.Json.Serialization;

namespace MailServer.Web.Admin;

/// <summary>The state of a node at one moment.</summary>
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
    IReadOnlyList<string> Problems);

/// <summary>A port that is served.</summary>
public sealed record PortDocument(string Name, string Address, int Port);

/// <summary>Messages that must still be sent, and since when the oldest waits.</summary>
public sealed record QueueStatusDocument(int Messages, DateTimeOffset? OldestAt);

/// <summary>A certificate that is shown.</summary>
public sealed record CertificateExpiryDocument(IReadOnlyList<string> Names, string Issuer, DateTimeOffset NotAfter, int DaysLeft);

/// <summary>Octets of memory: of the process, and of it the managed heap.</summary>
public sealed record MemoryDocument(long Resident, long ManagedHeap);

/// <summary>Octets of the file system with the data.</summary>
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

/// <summary>A line of a conversation; <paramref name="From"/> is client or server.</summary>
public sealed record TailLineDocument(DateTimeOffset At, string From, string Text);

/// <summary>The open mailboxes.</summary>
public sealed record MailboxListDocument(IReadOnlyList<MailboxDocument> Mailboxes);

/// <summary>An open mailbox.</summary>
public sealed record MailboxDocument(long Id, string Account, DateTimeOffset OpenedAt, int Watchers, int Inbox, int Searches, string Node = "");

/// <summary>The folders of one account.</summary>
public sealed record FolderListDocument(string Account, IReadOnlyList<FolderDocument> Folders);

/// <summary>A folder.</summary>
public sealed record FolderDocument(string Name, int Messages, int Unseen, long Size, uint UidValidity, uint UidNext, long HighestModSeq);

/// <summary>Octets that a user's mail takes and may take (null: no limit), and what the user has sent (null: nothing is counted).</summary>
public sealed record UserUseDocument(string Address, long Used, long? Quota, SentDocument? Sent);

/// <summary>To other hosts: messages in 24 hours; recipients in this hour and in 24 hours, and new ones among them, each with its limit (0: none).</summary>
public sealed record SentDocument(long Messages, long RecipientsThisHour, int PerHour, long Recipients, int PerDay, long NewRecipients, int NewPerDay);

/// <summary>Actors, parents before their children.</summary>
public sealed record ActorListDocument(IReadOnlyList<ActorDocument> Actors);

/// <summary>An actor.</summary>
public sealed record ActorDocument(string Path, string Type, int Inbox, int Children);

/// <summary>How much a part of the server logs.</summary>
public sealed record LogLevelDocument(string Name, string Level);

/// <summary>All parts.</summary>
public sealed record LogLevelListDocument(IReadOnlyList<LogLevelDocument> Levels);

/// <summary>The bans that hold.</summary>
public sealed record BanListDocument(IReadOnlyList<BanDocument> Bans);

/// <summary>A ban; <paramref name="Until"/> is null when it does not end by itself.</summary>
public sealed record BanDocument(string Network, DateTimeOffset Since, DateTimeOffset? Until, string Reason, bool ByHand);

/// <summary>The JSON of what is live; the command line reads it with the same.</summary>
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
[JsonSerializable(typeof(UserUseDocument))]
[JsonSerializable(typeof(ActorListDocument))]
[JsonSerializable(typeof(LogLevelListDocument))]
[JsonSerializable(typeof(BanListDocument))]
public sealed partial class LiveJson : JsonSerializerContext;
