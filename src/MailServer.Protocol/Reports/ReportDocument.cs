using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Xml;
using MailServer.Domain;
using MailServer.Domain.Reports;

namespace MailServer.Protocol.Reports;

/// <summary>A DMARC or TLS report read from an attachment: uncompressed, gzip or zip, detected by its first octets and not by its name.</summary>
public sealed record ReportDocument
{
    private const int MaxZipEntries = 16;

    public DmarcReport? Dmarc { get; private init; }

    public TlsReport? Tls { get; private init; }

    /// <exception cref="ReportFormatException">It is not a report, or it exceeds a limit.</exception>
    public static ReportDocument Read(ReadOnlyMemory<byte> octets, Limits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        try
        {
            var open = octets.Span switch
            {
                [0x1F, 0x8B, ..] => new GZipStream(AsStream(octets), CompressionMode.Decompress),
                [(byte)'P', (byte)'K', 3, 4, ..] => FirstOfZip(octets),
                _ => AsStream(octets),
            };
            using var content = new BufferedStream(new BoundedStream(open, limits.ReportDocument));
            return ReadBare(content, limits);
        }
        // The framework's readers throw these for unknown encodings and compression methods and invalid UTF-8.
        catch (Exception e) when (e is InvalidDataException or XmlException or System.Text.Json.JsonException or IOException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            throw new ReportFormatException(e.Message, e);
        }
    }

    private static ReportDocument ReadBare(Stream content, Limits limits)
    {
        var first = FirstCharacter(content, out var seen);
        using var whole = new PrefixedStream(seen, content);
        return first switch
        {
            '<' => new ReportDocument { Dmarc = DmarcReportReader.Read(whole, limits) },
            '{' => new ReportDocument { Tls = TlsReportReader.Read(whole, limits) },
            _ => throw new ReportFormatException("it is neither XML nor JSON"),
        };
    }

    /// <summary>The first character that is neither white space nor part of a byte order mark. Zero octets of UTF-16 are skipped.</summary>
    private static char FirstCharacter(Stream content, out byte[] seen)
    {
        const int mostSpace = 256;
        var read = new List<byte>();
        for (var octet = content.ReadByte(); octet >= 0 && read.Count < mostSpace; octet = content.ReadByte())
        {
            read.Add((byte)octet);
            if (octet is 0 or ' ' or '\t' or '\r' or '\n' or 0xEF or 0xBB or 0xBF or 0xFE or 0xFF) continue;
            seen = [.. read];
            return (char)octet;
        }

        throw new ReportFormatException("it is empty");
    }

    private static Stream FirstOfZip(ReadOnlyMemory<byte> octets)
    {
        var archive = new ZipArchive(AsStream(octets), ZipArchiveMode.Read);
        if (archive.Entries.Count > MaxZipEntries) throw new ReportFormatException("the zip file contains too many files");
        var entry = archive.Entries.FirstOrDefault(static e => e.Name.Length > 0 && e.Length > 0) ?? throw new ReportFormatException("the zip file is empty");
        return entry.Open();
    }

    private static MemoryStream AsStream(ReadOnlyMemory<byte> octets) =>
        MemoryMarshal.TryGetArray(octets, out var array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(octets.ToArray(), writable: false);
}
