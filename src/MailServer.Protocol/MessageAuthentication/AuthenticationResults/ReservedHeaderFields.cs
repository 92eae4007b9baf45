using System.Buffers;
using System.Text;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.MessageAuthentication.AuthenticationResults;

/// <summary>
/// Header fields that only this server may write: Authentication-Results in its own name (RFC 8601 §5), and fields added at delivery. They are
/// removed from incoming messages, because mail readers and filters would trust them.
/// </summary>
public static class ReservedHeaderFields
{
    // Return-Path: RFC 5321 §4.4 allows the delivering server to remove existing fields.
    private static readonly byte[][] ServerOnlyFields = ["Return-Path"u8.ToArray(), "X-Quarantine-Reason"u8.ToArray()];

    /// <summary>The authserv-ids of the Authentication-Results fields in the header section.</summary>
    public static IReadOnlySet<string> FindAuthservIds(ReadOnlySpan<byte> header)
    {
        var servers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in HeaderFields.Enumerate(header)) servers.UnionWith(AuthenticationResultsReader.FindAuthservIds(field));
        return servers;
    }

    /// <summary>The header section without the reserved fields; null when it has none.</summary>
    /// <param name="header">The header section as received.</param>
    /// <param name="ours">The names from <see cref="FindAuthservIds"/> that belong to this server.</param>
    public static byte[]? Remove(ReadOnlySpan<byte> header, IReadOnlySet<string> ours)
    {
        ArgumentNullException.ThrowIfNull(ours);
        var kept = new ArrayBufferWriter<byte>(header.Length + 1);
        var read = 0;
        foreach (var field in HeaderFields.Enumerate(header))
        {
            read += field.Raw.Length;
            if (!IsReserved(field, ours)) kept.Write(field.Raw);
        }

        if (kept.WrittenCount == read) return null;
        kept.Write(header[read..]);
        return kept.WrittenSpan.ToArray();
    }

    private static bool IsReserved(HeaderField field, IReadOnlySet<string> ours)
    {
        foreach (var name in ServerOnlyFields)
            if (Ascii.EqualsIgnoreCase(field.Name, name)) return true;
        return AuthenticationResultsReader.FindAuthservIds(field).Overlaps(ours);
    }
}
