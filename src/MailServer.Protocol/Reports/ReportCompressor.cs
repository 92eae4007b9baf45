using System.IO.Compression;
using MailServer.Domain.Reports;

namespace MailServer.Protocol.Reports;

/// <summary>Compresses reports with gzip (RFC 9990 §3.5.2, RFC 8460 §5.2).</summary>
public static class ReportCompressor
{
    public static byte[] Compress(DmarcReport report) => Compress(stream => DmarcReportWriter.Write(stream, report));

    public static byte[] Compress(TlsReport report) => Compress(stream => TlsReportWriter.Write(stream, report));

    private static byte[] Compress(Action<Stream> write)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)) write(gzip);
        return packed.ToArray();
    }
}
