using System.Buffers;
using System.Text;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.MessageAuthentication.AuthenticationResults;

/// <summary>
/// Fields in which a message that enters speaks with this server's voice: Authentication-Results in its name (RFC 8601 §5), and those that only the
/// server of the recipient writes. Readers and filters would believe them.
/// </summary>
public static class ClaimedFields
{
    // Return-Path: RFC 5321 §4.4 lets the server of the recipient remove what came.
    private static readonly byte[][] OursAlone = ["Return-Path"u8.ToArray(), "X-Quarantine-Reason"u8.ToArray()];

    /// <summary>The servers in whose name the header section reports results.</summary>
    public static IReadOnlySet<string> Servers(ReadOnlySpan<byte> header)
    {
        var servers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in HeaderFields.Enumerate(header)) servers.UnionWith(ReportedResults.ServersOf(field));
        return servers;
    }

    /// <summary>The header section without the claimed fields; null when there are none.</summary>
    /// <param name="header">As it came.</param>
    /// <param name="ours">The names among <see cref="Servers"/> that are this server's.</param>
    public static byte[]? Remove(ReadOnlySpan<byte> header, IReadOnlySet<string> ours)
    {
        ArgumentNullException.ThrowIfNull(ours);
        var kept = new ArrayBufferWriter<byte>(header.Length + 1);
        var read = 0;
        foreach (var field in HeaderFields.Enumerate(header))
        {
            read += field.Raw.Length;
            if (!IsClaimed(field, ours)) kept.Write(field.Raw);
        }

        if (kept.WrittenCount == read) return null;
        kept.Write(header[read..]);
        return kept.WrittenSpan.ToArray();
    }

    private static bool IsClaimed(HeaderField field, IReadOnlySet<string> ours)
    {
        foreach (var name in OursAlone)
            if (Ascii.EqualsIgnoreCase(field.Name, name)) return true;
        return ReportedResults.ServersOf(field).Overlaps(ours);
    }
}
