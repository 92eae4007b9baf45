using Akka.Actor;
using MailServer.Domain.Addresses;
using MailServer.Domain.Messages;
using MailServer.Domain.Reports;

namespace MailServer.Actors.Reports;

/// <summary>What the administration asks of the reports actor, and what it hears from its own.</summary>
public static class ReportsProtocol
{
    /// <summary>The newest reports that came. Answered with <see cref="Received"/>.</summary>
    public sealed record ListReceived(ReportKind Kind, int Max);

    public sealed record Received(IReadOnlyList<ReceivedReport> Reports);

    /// <summary>The newest reports of ours. Answered with <see cref="Sent"/>.</summary>
    public sealed record ListSent(ReportKind Kind, int Max);

    public sealed record Sent(IReadOnlyList<SentReport> Reports);

    /// <summary>One report that came. Answered with <see cref="Shown"/>.</summary>
    public sealed record Show(ReportKind Kind, long Id);

    /// <summary>The report, null when there is none, and its document as it is kept.</summary>
    public sealed record Shown(ReceivedReport? Report, ReadOnlyMemory<byte> Packed);

    /// <summary>Report now what was noted on a day; for a dry run only say what would go where. Answered with <see cref="Sent"/> when all is done.</summary>
    /// <param name="Kind">What it is about.</param>
    /// <param name="Day">The day in UTC.</param>
    /// <param name="Domain">One domain; null: all.</param>
    /// <param name="DryRun">Nothing is sent.</param>
    public sealed record Send(ReportKind Kind, DateOnly Day, string? Domain, bool DryRun);

    /// <summary>A message to one of the addresses for reports was delivered.</summary>
    internal sealed record Arrived(SpoolId Message, EmailAddress? Sender, DateTimeOffset At, IReadOnlyList<byte[]> Attachments);

    /// <summary>What a node of a cluster noted. Answered with <see cref="Taken"/> when it is written down.</summary>
    internal sealed record Noted(long Number, IReadOnlyList<DmarcObservation> Dmarc, IReadOnlyList<TlsObservation> Tls);

    /// <summary>What came to a node of a cluster. Answered with <see cref="Taken"/>.</summary>
    internal sealed record Brought(long Number, Arrived Arrived);

    /// <summary>It is kept, now or since before.</summary>
    internal sealed record Taken(long Number);

    /// <summary>A sender has done its work. <paramref name="KeepsNotes"/>: nobody could be told now.</summary>
    internal sealed record Done(SentReport Report, bool KeepsNotes, bool IsAskedFor) : INoSerializationVerificationNeeded;

    /// <summary>Time passes.</summary>
    internal sealed record Tick
    {
        public static Tick Instance { get; } = new();
    }

    /// <summary>Write down what was noted.</summary>
    internal sealed record Drain
    {
        public static Drain Instance { get; } = new();
    }
}
