using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MailServer.Domain.Measurements;

/// <summary>
/// Everything that is counted and timed on the way of a message or a command. A measurement is a few nanoseconds while nobody collects, and allocates
/// nothing while somebody does: tags are strings that exist already. Names are those of Prometheus without the suffix <c>_total</c>.
/// </summary>
public static class Measured
{
    /// <summary>The meter that a collector listens to.</summary>
    public const string MeterName = "mailserver";

    private static readonly Meter s_meter = new(MeterName);

    public static Counter<long> Connections { get; } = s_meter.CreateCounter<long>("mailserver_connections", "1", "Connections taken, by listener.");

    public static Counter<long> RefusedConnections { get; } = s_meter.CreateCounter<long>("mailserver_connections_refused", "1", "Connections turned away at the door, by reason.");

    public static UpDownCounter<long> Sessions { get; } = s_meter.CreateUpDownCounter<long>("mailserver_sessions", "1", "Open sessions, by listener.");

    public static Histogram<double> Commands { get; } = s_meter.CreateHistogram<double>("mailserver_command_duration_seconds", "s", "Time from a command to its answer; of commands with content it includes the client's sending. IDLE is left out.");

    public static Counter<long> SignIns { get; } = s_meter.CreateCounter<long>("mailserver_sign_ins", "1", "Attempts to sign in, by result; those of HTTP that were remembered are left out.");

    public static Counter<long> Accepted { get; } = s_meter.CreateCounter<long>("mailserver_messages", "1", "Messages that were offered, by policy and the class of the answer.");

    public static Counter<long> Verdicts { get; } = s_meter.CreateCounter<long>("mailserver_verdicts", "1", "Results of checking incoming mail.");

    public static Counter<long> Deliveries { get; } = s_meter.CreateCounter<long>("mailserver_deliveries", "1", "Deliveries to one recipient, by destination and result.");

    public static Counter<long> Pushes { get; } = s_meter.CreateCounter<long>("mailserver_pushes", "1", "Changes of folders told to sessions that watch them.");

    public static Counter<long> OverQuota { get; } = s_meter.CreateCounter<long>("mailserver_quota_refusals", "1", "Messages that a full mailbox did not take, by what was tried: recipient, delivery, append, copy.");

    public static Counter<long> QuotaWarnings { get; } = s_meter.CreateCounter<long>("mailserver_quota_warnings", "1", "Mailboxes that came to 80 or 95 percent of their quota.");

    public static Histogram<double> Flushes { get; } = s_meter.CreateHistogram<double>("mailserver_fsync_duration_seconds", "s", "Time for the disk to make mail durable, by what is flushed.");

    /// <summary>The time of one flush to the disk.</summary>
    public static void Flushed(string what, long startedAt) =>
        Flushes.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, new KeyValuePair<string, object?>("of", what));
}
