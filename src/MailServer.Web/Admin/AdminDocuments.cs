using System.Text.Json.Serialization;

namespace MailServer.Web.Admin;

/// <summary>A queued message, as the admin API tells it.</summary>
public sealed record QueueDocument(
    string Id, string? MessageId, string Sender, DateTimeOffset QueuedAt, long Size, bool Held, IReadOnlyList<RecipientDocument> Recipients);

/// <summary>One of its recipients. <paramref name="State"/> is waiting, delivered or failed.</summary>
public sealed record RecipientDocument(
    string Address, string State, int Attempts, DateTimeOffset? NextAttempt, DateTimeOffset? LastAttempt, string Host, string Tls, string Reply);

/// <summary>The oldest messages, and how many there are.</summary>
public sealed record QueueListDocument(int Count, IReadOnlyList<QueueDocument> Messages);

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
