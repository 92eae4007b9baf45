using System.Text.Json.Serialization;

namespace MailServer.Web.Admin;

/// <summary>A queued message, as the admin API tells it.</summary>
public sealed record QueueDocument(
    string Id, string? MessageId, string Sender, DateTimeOffset QueuedAt, long Size, bool Held, IReadOnlyList<RecipientDocument> Recipients);

/// <summary>One of its recipients. <paramref name="State"/> is waiting, delivered or failed.</summary>
public sealed record RecipientDocument(
    string Address, string State, int Attempts, DateTimeOffset? NextAttempt, DateTimeOffset? LastAttempt, string Host, string Tls, string Reply);

/// <summary>A page of the oldest messages.</summary>
/// <param name="Count">How many messages match, on the first page; on later ones it has no meaning.</param>
/// <param name="Messages">This page of them.</param>
/// <param name="Next">The id to go on <c>after</c>; null when these are the last.</param>
public sealed record QueueListDocument(int Count, IReadOnlyList<QueueDocument> Messages, string? Next = null);

/// <summary>What was done to several messages at once.</summary>
public sealed record QueueChangeDocument(int Messages, int Recipients);

/// <summary>The story of one message; <paramref name="Queued"/> is how it stands in the queue, null when it is not there (any more).</summary>
public sealed record StoryDocument(string Id, string? MessageId, QueueDocument? Queued, IReadOnlyList<StepDocument> Steps);

/// <summary>A step in it.</summary>
public sealed record StepDocument(DateTimeOffset At, string Recipient, string What);

/// <summary>The JSON of the admin API; the command line reads it with the same.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BackupLine))]
[JsonSerializable(typeof(MailImportDocument))]
[JsonSerializable(typeof(CheckDocument))]
[JsonSerializable(typeof(QueueListDocument))]
[JsonSerializable(typeof(QueueChangeDocument))]
[JsonSerializable(typeof(IReadOnlyList<CertificateDocument>))]
[JsonSerializable(typeof(RenewalDocument))]
[JsonSerializable(typeof(IReadOnlyList<ReloadDocument>))]
[JsonSerializable(typeof(IReadOnlyList<FindingDocument>))]
[JsonSerializable(typeof(IReadOnlyList<StoryDocument>))]
[JsonSerializable(typeof(IReadOnlyList<ReceivedReportDocument>))]
[JsonSerializable(typeof(IReadOnlyList<SentReportDocument>))]
[JsonSerializable(typeof(DmarcReportDocument))]
[JsonSerializable(typeof(TlsReportDocument))]
public sealed partial class AdminJson : JsonSerializerContext;
