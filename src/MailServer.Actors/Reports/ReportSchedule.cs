using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Reports;

namespace MailServer.Actors.Reports;

/// <summary>
/// Decides when the report about a domain is sent: at a fixed moment within the configured period, so that a thousand servers do not all report at
/// midnight. The moment is derived from both names and survives a restart.
/// </summary>
internal static class ReportSchedule
{
    public static DateTimeOffset DueAt(PendingReport about, ReportOptions options, string hostname)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{hostname} {about.Kind} {about.Domain}"), hash);
        var share = BinaryPrimitives.ReadUInt32LittleEndian(hash) / (double)uint.MaxValue;
        return EndOf(about.Day).AddSeconds(1) + options.SendAfter + (options.SendSpread * share);
    }

    /// <summary>The last second of a day.</summary>
    public static DateTimeOffset EndOf(DateOnly day) => new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddDays(1).AddSeconds(-1);
}
