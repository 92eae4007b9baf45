using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace MailServer.Web.Listeners;

/// <summary>
/// The decoded body of a request with <c>Content-Encoding: gzip</c> (RFC 9110 §8.4.1.3). The size limit of the endpoint applies to the decoded body as well,
/// so a small request cannot expand without bound. Other encodings get 415.
/// </summary>
internal sealed class DecodedRequestBody(Stream compressed, IHttpMaxRequestBodySizeFeature? limit) : Stream
{
    private readonly GZipStream _decoded = new(compressed, CompressionMode.Decompress, leaveOpen: true);
    private long _left = long.MinValue;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Middleware that replaces a compressed body by its content.</summary>
    public static async Task DecodeAsync(HttpContext http, RequestDelegate next)
    {
        var encoding = http.Request.Headers.ContentEncoding.ToString().Trim();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            if (!encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase) && !encoding.Equals("x-gzip", StringComparison.OrdinalIgnoreCase))
            {
                http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
                // RFC 7694 §3
                http.Response.Headers.AcceptEncoding = "gzip";
                return;
            }

            var body = new DecodedRequestBody(http.Request.Body, http.Features.Get<IHttpMaxRequestBodySizeFeature>());
            http.Response.RegisterForDispose(body);
            http.Request.Body = body;
            http.Request.ContentLength = null;
            http.Request.Headers.Remove(HeaderNames.ContentEncoding);
        }

        await next(http);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("only asynchronous reads are supported");

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // The endpoint sets its limit before it reads.
        if (_left == long.MinValue) _left = limit?.MaxRequestBodySize ?? long.MaxValue;
        try
        {
            var read = await _decoded.ReadAsync(buffer, cancellationToken);
            _left -= read;
            return _left >= 0 ? read : throw new BadHttpRequestException("the decoded request body is too large", StatusCodes.Status413PayloadTooLarge);
        }
        catch (InvalidDataException broken)
        {
            throw new BadHttpRequestException("the request body is not valid gzip", StatusCodes.Status400BadRequest, broken);
        }
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _decoded.Dispose();
        base.Dispose(disposing);
    }
}
