using System.Globalization;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using MailServer.Domain.Sessions;

namespace MailServer.Network.Tls;

/// <summary>Describes an established <see cref="SslStream"/>, and creates pipes over it that hold no memory while idle.</summary>
internal static class TlsStreamPipes
{
    private const int ReadSize = 4096;

    // The payload of one record (RFC 8446 §5.1): the writer passes one buffer at a time, and each becomes a record.
    private const int RecordSize = 16_384;
    private static readonly StreamPipeReaderOptions ReaderOptions = new(bufferSize: ReadSize, minimumReadSize: 1024, leaveOpen: true, useZeroByteReads: true);
    private static readonly StreamPipeWriterOptions WriterOptions = new(minimumBufferSize: RecordSize, leaveOpen: true);

    public static PipeReader Reader(SslStream tls) => PipeReader.Create(tls, ReaderOptions);

    public static PipeWriter Writer(SslStream tls) => PipeWriter.Create(tls, WriterOptions);

    public static TlsInfo Of(SslStream tls) => new(
        ProtocolName(tls.SslProtocol),
        tls.NegotiatedCipherSuite.ToString(),
        tls.TargetHostName is { Length: > 0 } name ? name : null);

    private static string ProtocolName(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls12 => "TLSv1.2",
        SslProtocols.Tls13 => "TLSv1.3",
        _ => string.Create(CultureInfo.InvariantCulture, $"{protocol}"),
    };
}
