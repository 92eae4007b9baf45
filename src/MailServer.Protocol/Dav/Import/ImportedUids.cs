using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Dav.Import;

/// <summary>
/// The UIDs of the entries of one file. An entry without a UID gets a digest of its content: a second import of the same entry then replaces the first
/// instead of adding a copy.
/// </summary>
internal sealed class ImportedUids
{
    /// <summary>Properties that programs set anew with each export.</summary>
    private static readonly string[] Volatile = ["UID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "REV", "PRODID"];

    private readonly Dictionary<string, UInt128> _digests = new(StringComparer.Ordinal);

    /// <summary>The UID of an entry.</summary>
    /// <param name="parts">The components of the entry; they have the same UID, or one has none.</param>
    /// <param name="isMade">True if the UID was made, because the entry has none.</param>
    /// <param name="isDuplicate">True if an earlier entry has the same UID.</param>
    /// <param name="isSame">True if the last entry with the same UID has the same content.</param>
    public string Take(IReadOnlyList<ContentComponent> parts, out bool isMade, out bool isDuplicate, out bool isSame)
    {
        var written = Of(parts[0]);
        isMade = written is null;
        var digest = DigestOf(parts);
        var uid = written ?? string.Create(CultureInfo.InvariantCulture, $"imported-{digest:x32}");
        isDuplicate = _digests.TryGetValue(uid, out var earlier);
        isSame = isDuplicate && earlier == digest;
        _digests[uid] = digest;
        return uid;
    }

    /// <summary>The UID of a component; null if it has none.</summary>
    public static string? Of(ContentComponent component) => component.TextOf("UID") is { } uid && !string.IsNullOrWhiteSpace(uid) ? uid : null;

    private static UInt128 DigestOf(IReadOnlyList<ContentComponent> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts) Append(hash, part);
        return BinaryPrimitives.ReadUInt128BigEndian(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, ContentComponent component)
    {
        foreach (var line in component.Lines.Where(static l => Array.IndexOf(Volatile, l.Name) < 0))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(line.Name));
            foreach (var parameter in line.Parameters) hash.AppendData(Encoding.UTF8.GetBytes($";{parameter.Name}={parameter.Joined}"));
            hash.AppendData(":"u8);
            hash.AppendData(line.Value.Span);
            hash.AppendData("\n"u8);
        }

        foreach (var inner in component.Components)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"BEGIN:{inner.Name}\n"));
            Append(hash, inner);
        }
    }
}
