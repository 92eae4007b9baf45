using System.Text.Json.Serialization;

namespace MailServer.Web.Admin;

/// <summary>A queued message in the admin API.</summary>
public sealed record QueueDocument(
    string Id, string? MessageId, string Sender, DateTimeOffset QueuedAt, long Size, bool Held, IReadOnlyList<RecipientDocument> Recipients)
{
    /// <summary>True if its destinations are paused.</summary>
    public bool Paused { get; init; }
}

/// <summary>The destinations to which nothing is sent for now.</summary>
public sealed record QueuePauseListDocument(IReadOnlyList<QueuePauseDocument> Pauses);

/// <summary>A paused destination. <paramref name="Domain"/> is <c>*</c> for all mail to other servers.</summary>
public sealed record QueuePauseDocument(string Domain, DateTimeOffset Since, string Reason);

/// <summary>A recipient of a queued message. <paramref name="State"/> is waiting, delivered or failed.</summary>
public sealed record RecipientDocument(
    string Address, string State, int Attempts, DateTimeOffset? NextAttempt, DateTimeOffset? LastAttempt, string Host, string Tls, string Reply);

/// <summary>One page of queued messages, oldest first.</summary>
/// <param name="Count">The number of matching messages on the first page; undefined on later pages.</param>
/// <param name="Messages">The messages of this page.</param>
/// <param name="Next">The value of <c>after</c> for the next page; null on the last page.</param>
public sealed record QueueListDocument(int Count, IReadOnlyList<QueueDocument> Messages, string? Next = null);

/// <summary>The numbers of messages and recipients that a change affected, and of messages to which it did not apply.</summary>
/// <param name="Messages">The changed messages.</param>
/// <param name="Recipients">Their waiting recipients.</param>
/// <param name="Unchanged">Messages that match and were not changed.</param>
/// <param name="Reason">Why they were not changed, such as <c>held</c>; empty if there are none.</param>
public sealed record QueueChangeDocument(int Messages, int Recipients, int Unchanged = 0, string Reason = "");

/// <summary>The trace of one message. <paramref name="Queued"/> is its state in the queue; null if it is not (or no longer) queued.</summary>
public sealed record TraceDocument(string Id, string? MessageId, QueueDocument? Queued, IReadOnlyList<TraceStepDocument> Steps);

/// <summary>A delivery test: the id of its message, the sender, whether the server has taken it, and the reply.</summary>
public sealed record DeliveryTestDocument(string Id, string From, bool Accepted, string Reply);

/// <summary>One step of a trace.</summary>
public sealed record TraceStepDocument(DateTimeOffset At, string Recipient, string What);

/// <summary>JSON serialization of the admin API, shared with the command line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BackupLine))]
[JsonSerializable(typeof(MailImportDocument))]
[JsonSerializable(typeof(CheckDocument))]
[JsonSerializable(typeof(QueueListDocument))]
[JsonSerializable(typeof(QueueChangeDocument))]
[JsonSerializable(typeof(DeliveryTestDocument))]
[JsonSerializable(typeof(QueuePauseListDocument))]
[JsonSerializable(typeof(IReadOnlyList<CertificateDocument>))]
[JsonSerializable(typeof(RenewalDocument))]
[JsonSerializable(typeof(IReadOnlyList<ReloadDocument>))]
[JsonSerializable(typeof(IReadOnlyList<FindingDocument>))]
[JsonSerializable(typeof(IReadOnlyList<TraceDocument>))]
[JsonSerializable(typeof(IReadOnlyList<ReceivedReportDocument>))]
[JsonSerializable(typeof(IReadOnlyList<SentReportDocument>))]
[JsonSerializable(typeof(IReadOnlyList<ReportSummaryDocument>))]
[JsonSerializable(typeof(DmarcReportDocument))]
[JsonSerializable(typeof(TlsReportDocument))]
public sealed partial class AdminJson : JsonSerializerContext;
