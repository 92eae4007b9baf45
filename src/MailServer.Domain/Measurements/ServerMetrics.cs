using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MailServer.Domain.Measurements;

/// <summary>
/// The metric instruments of the server. A measurement takes a few nanoseconds without a collector, and allocates
/// nothing with one because tags are existing strings. Names are the Prometheus names without the suffix <c>_total</c>.
/// </summary>
public static class ServerMetrics
{
    /// <summary>The name of the meter to which collectors listen.</summary>
    public const string MeterName = "mailserver";

    private static readonly Meter Meter = new(MeterName);

    public static Counter<long> Connections { get; } = Meter.CreateCounter<long>("mailserver_connections", "1", "Accepted connections, by listener.");

    public static Counter<long> RefusedConnections { get; } = Meter.CreateCounter<long>("mailserver_connections_refused", "1", "Refused connections, by reason.");

    public static UpDownCounter<long> Sessions { get; } = Meter.CreateUpDownCounter<long>("mailserver_sessions", "1", "Open sessions, by listener.");

    public static Histogram<double> CommandDurations { get; } = Meter.CreateHistogram<double>("mailserver_command_duration_seconds", "s", "Time from a command to its response, including the time in which the client sends content. Excludes IDLE.");

    public static Counter<long> SignIns { get; } = Meter.CreateCounter<long>("mailserver_sign_ins", "1", "Sign-in attempts, by result. Excludes cached HTTP credentials.");

    public static Counter<long> OfferedMessages { get; } = Meter.CreateCounter<long>("mailserver_messages", "1", "Messages offered by clients, by policy and reply class.");

    public static Counter<long> RefusedRecipients { get; } = Meter.CreateCounter<long>("mailserver_recipients_refused", "1", "Recipients and senders of mail from other servers that were refused or deferred, by answer.");

    public static Counter<long> Traffic { get; } = Meter.CreateCounter<long>("mailserver_traffic_bytes", "By", "Bytes of mail sessions without TLS, by direction.");

    public static Counter<long> Verdicts { get; } = Meter.CreateCounter<long>("mailserver_verdicts", "1", "Results of checks on incoming mail.");

    public static Counter<long> Deliveries { get; } = Meter.CreateCounter<long>("mailserver_deliveries", "1", "Deliveries to one recipient, by destination and result.");

    public static Counter<long> MailboxNotifications { get; } = Meter.CreateCounter<long>("mailserver_pushes", "1", "Folder changes pushed to sessions.");

    public static Counter<long> QuotaRefusals { get; } = Meter.CreateCounter<long>("mailserver_quota_refusals", "1", "Messages refused because a mailbox is over quota, by operation: recipient, delivery, append, copy.");

    public static Counter<long> QuotaWarnings { get; } = Meter.CreateCounter<long>("mailserver_quota_warnings", "1", "Mailboxes that reached 80 or 95 percent of their quota.");

    public static Counter<long> DroppedLogLines { get; } = Meter.CreateCounter<long>("mailserver_log_lines_dropped", "1", "Log lines dropped because the log could not be written fast enough, by kind: ordinary, security.");

    public static Histogram<double> FlushDurations { get; } = Meter.CreateHistogram<double>("mailserver_fsync_duration_seconds", "s", "Duration of disk flushes, by what is flushed.");

    /// <summary>Records the duration of one flush to the disk.</summary>
    public static void RecordFlush(string what, long startedAt) =>
        FlushDurations.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, new KeyValuePair<string, object?>("of", what));
}
