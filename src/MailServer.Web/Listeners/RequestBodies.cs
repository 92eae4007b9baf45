using MailServer.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MailServer.Web.Listeners;

/// <summary>
/// Reads the bodies of all HTTP requests of the node; no other code does. A body needs memory only for what has arrived: small ones share
/// <see cref="Limits.RequestBodyBuffers"/>, larger ones arrive in temporary files (<see cref="UploadFiles"/>), and the memory to process those is shared too
/// (<see cref="Limits.RequestBodyMemory"/>). A request for which there is no memory waits for it, and then gets 503.
/// </summary>
public sealed class RequestBodies
{
    // Below this size the additional memory that parsing needs is not counted, so that small requests never wait for large ones.
    private const long Uncounted = 1024 * 1024;

    private readonly Limits _limits;
    private readonly Func<Stream> _createFile;
    private readonly TimeProvider _time;
    private readonly SharedBudget _buffers;
    private readonly SharedBudget _memory;
    private readonly UploadFiles _files;

    /// <param name="limits">The limits of the node.</param>
    /// <param name="createFile">Creates an empty temporary file that disappears when it is closed.</param>
    /// <param name="time">The clock.</param>
    public RequestBodies(Limits limits, Func<Stream> createFile, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(limits);
        (_limits, _createFile, _time) = (limits, createFile, time);
        _buffers = new SharedBudget(limits.RequestBodyBuffers, time);
        _memory = new SharedBudget(limits.RequestBodyMemory, time);
        _files = new UploadFiles(limits.RequestBodyFiles);
    }

    /// <summary>True if no request uses memory or files.</summary>
    internal bool IsIdle => _buffers.Left == _buffers.Total && _memory.Left == _memory.Total && _files.IsEmpty;

    /// <summary>Reads the body. Its share of the memory is returned when the request has been answered.</summary>
    /// <param name="http">The request.</param>
    /// <param name="max">The largest size; also of a decoded body.</param>
    /// <param name="weight">How many times its size processing needs: parsed XML is larger than its text.</param>
    /// <exception cref="RequestBodyException">The body is too large or too slow, or there is no memory or disk for it.</exception>
    internal async Task<byte[]> ReadAsync(HttpContext http, int max, int weight = 1)
    {
        // Before the limit of the web server is set, which would close the connection while the client still sends, so that it may never read the answer.
        if (http.Request.ContentLength > max) throw RequestBodyException.TooLarge();
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = max;
        using var late = new CancellationTokenSource(_limits.RequestBodyTimeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, late.Token);
        using var arriving = new ArrivingBody(ClientOf(http), _limits, _buffers, _files, _createFile);
        http.Response.RegisterForDispose(new Share(arriving.ReturnBuffer));
        try
        {
            await arriving.ReceiveAsync(http.Request.BodyReader, max, both.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
        {
            throw RequestBodyException.TooSlow();
        }

        var needed = arriving.IsInFile ? arriving.Length * weight : arriving.Length * (weight - 1);
        if (arriving.IsInFile || needed > Uncounted) await TakeAsync(http, Math.Min(needed, _memory.Total));
        return await arriving.ToArrayAsync(http.RequestAborted);
    }

    /// <summary>The user, or the address of a client that has not signed in.</summary>
    private static string ClientOf(HttpContext http) => http.User.Identity?.Name ?? http.Connection.RemoteIpAddress?.ToString() ?? "";

    private async Task TakeAsync(HttpContext http, long octets)
    {
        if (!await _memory.TakeAsync(octets, _limits.RequestBodyWait, http.RequestAborted)) throw RequestBodyException.Busy();
        http.Response.RegisterForDispose(new Share(() => _memory.Return(octets)));
    }

    private sealed class Share(Action giveBack) : IDisposable
    {
        public void Dispose() => giveBack();
    }
}
