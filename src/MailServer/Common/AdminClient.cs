using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MailServer.Network.Outbound;
using MailServer.Storage.SafeFiles;
using MailServer.Web.Admin;

namespace MailServer.Common;

/// <summary>A client of the running server's admin socket. Throws <see cref="ServerUnreachableException"/> when no server answers.</summary>
internal sealed class AdminClient(string socketPath) : IDisposable
{
    private const int MaxReason = 2_000;

    private readonly HttpClient _http = UnixSocketHttpClient.Create(socketPath);

    /// <summary>Whether a server answers its health check on the socket.</summary>
    /// <exception cref="UnauthorizedAccessException">The folder of the socket may not be entered.</exception>
    public static async Task<bool> IsHealthyAsync(string socketPath, CancellationToken cancel)
    {
        if (!PathPresence.Exists(socketPath)) return false;
        using var http = UnixSocketHttpClient.Create(socketPath);
        try
        {
            using var response = await http.GetAsync(new Uri("/health", UriKind.Relative), cancel);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public async Task<T> GetAsync<T>(string path, CancellationToken cancel) =>
        await RequestAsync<T>(HttpMethod.Get, path, cancel) ?? throw UnknownPath(path);

    /// <summary>Sends a request and reads the response; null when the server answers 404.</summary>
    public async Task<T?> RequestAsync<T>(HttpMethod method, string path, CancellationToken cancel, byte[]? body = null)
    {
        using var response = await SendAsync(method, path, cancel, body);
        if (!response.IsSuccessStatusCode) return default;
        return await response.Content.ReadFromJsonAsync(TypeOf<T>(), cancel)
            ?? throw new CommandFailure("the server returned an empty response");
    }

    /// <summary>Reads a document; null when the server answers 404.</summary>
    public Task<T?> FindAsync<T>(string path, CancellationToken cancel) where T : class => RequestAsync<T>(HttpMethod.Get, path, cancel);

    /// <summary>Streams documents, one a line, as the server sends them; nothing when the server answers 404.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(string path, Action found, [EnumeratorCancellation] CancellationToken cancel, HttpMethod? method = null)
    {
        using var response = await SendAsync(method ?? HttpMethod.Get, path, cancel);
        if (!response.IsSuccessStatusCode) yield break;
        found();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
        while (await ReadLineAsync(reader, cancel) is { } line)
            if (JsonSerializer.Deserialize(line, TypeOf<T>()) is { } document) yield return document;
    }

    /// <summary>Sends a change; false when the server answers 404.</summary>
    public async Task<bool> ChangeAsync(HttpMethod method, string path, CancellationToken cancel)
    {
        using var response = await SendAsync(method, path, cancel);
        return response.StatusCode != HttpStatusCode.NotFound;
    }

    /// <summary>Posts octets and reads a document.</summary>
    public async Task<T> PostAsync<T>(string path, byte[] body, CancellationToken cancel) =>
        await RequestAsync<T>(HttpMethod.Post, path, cancel, body) ?? throw UnknownPath(path);

    /// <summary>Whether a process listens on the socket.</summary>
    public static bool IsRunning(string socketPath) => UnixSocketHttpClient.IsListening(socketPath);

    public void Dispose() => _http.Dispose();

    private static CommandFailure UnknownPath(string path) => new($"the server does not support '{path}': is it a different version?");

    /// <summary>The error text of a response, with the server's reason if it gives one.</summary>
    private static async Task<string> ExplainAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var reason = response.Content.Headers.ContentLength is > MaxReason ? "" : await response.Content.ReadAsStringAsync(cancel);
        // The server has understood the request and explains why it cannot be done now.
        if (response.StatusCode == HttpStatusCode.Conflict && reason.Length is > 0 and <= MaxReason) return reason;
        var answered = $"the server answered {(int)response.StatusCode}";
        return response.StatusCode == HttpStatusCode.ServiceUnavailable && reason.Length is > 0 and <= MaxReason ? $"{answered}: {reason}" : answered;
    }

    private static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)(AdminJson.Default.GetTypeInfo(typeof(T)) ?? RuntimeJson.Default.GetTypeInfo(typeof(T)))!;

    private static async Task<string?> ReadLineAsync(StreamReader reader, CancellationToken cancel)
    {
        try
        {
            return await reader.ReadLineAsync(cancel);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The server stopped, or the user pressed Ctrl-C.
            return null;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, CancellationToken cancel, byte[]? body = null)
    {
        try
        {
            using var request = new HttpRequestMessage(method, $"{AdminApi.Prefix}/{path}");
            if (body is not null) request.Content = new ByteArrayContent(body);
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotFound) return response;
            using (response) throw new CommandFailure(await ExplainAsync(response, cancel));
        }
        catch (HttpRequestException e)
        {
            throw new ServerUnreachableException(Explain(e));
        }
    }

    /// <summary>Why the socket cannot be used. The system's own texts are about addresses.</summary>
    private string Explain(HttpRequestException e) => (e.InnerException as SocketException)?.SocketErrorCode switch
    {
        SocketError.AddressNotAvailable => $"the server is not running: there is no socket {socketPath}; 'systemctl start mailserver' or 'mailserver serve' starts it",
        SocketError.ConnectionRefused => $"the server is not running: nothing answers on {socketPath}; 'systemctl start mailserver' or 'mailserver serve' starts it",
        SocketError.AccessDenied => $"{socketPath} is open only to root and the server's user; run this command as one of them",
        _ => $"the server does not answer on {socketPath}: {e.InnerException?.Message ?? e.Message}",
    };
}
