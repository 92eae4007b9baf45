using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MailServer.Network.Outbound;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary>Asks the running server over its admin socket; says plainly when there is none.</summary>
internal sealed class AdminClient(string socketPath) : IDisposable
{
    private readonly HttpClient _http = LocalSocketClient.Create(socketPath);

    public async Task<T> GetAsync<T>(string path, CancellationToken cancel)
    {
        using var response = await SendAsync(HttpMethod.Get, path, cancel);
        if (!response.IsSuccessStatusCode) throw new CommandFailure($"the server knows no '{path}': is it of another version?");
        return await response.Content.ReadFromJsonAsync((JsonTypeInfo<T>)AdminJson.Default.GetTypeInfo(typeof(T))!, cancel)
            ?? throw new CommandFailure("the server gave an empty answer");
    }

    /// <summary>False when what the path names does not exist.</summary>
    public async Task<bool> ChangeAsync(HttpMethod method, string path, CancellationToken cancel)
    {
        using var response = await SendAsync(method, path, cancel);
        return response.StatusCode != HttpStatusCode.NotFound;
    }

    /// <summary>Sends octets and reads a document.</summary>
    public async Task<T> PostAsync<T>(string path, byte[] body, CancellationToken cancel)
    {
        using var response = await SendAsync(HttpMethod.Post, path, cancel, body);
        if (!response.IsSuccessStatusCode) throw new CommandFailure($"the server knows no '{path}': is it of another version?");
        return await response.Content.ReadFromJsonAsync((JsonTypeInfo<T>)AdminJson.Default.GetTypeInfo(typeof(T))!, cancel)
            ?? throw new CommandFailure("the server gave an empty answer");
    }

    /// <summary>Starts long work and reads a document whenever the server has one.</summary>
    public async IAsyncEnumerable<T> PostLinesAsync<T>(string path, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var response = await SendAsync(HttpMethod.Post, path, cancel);
        if (!response.IsSuccessStatusCode) throw new CommandFailure($"the server knows no '{path}': is it of another version?");
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
        while (await lines.ReadLineAsync(cancel) is { } line)
            if (JsonSerializer.Deserialize(line, (JsonTypeInfo<T>)AdminJson.Default.GetTypeInfo(typeof(T))!) is { } document) yield return document;
    }

    /// <summary>Somebody answers on the socket.</summary>
    public static bool IsRunning(string socketPath) => LocalSocketClient.Answers(socketPath);

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, CancellationToken cancel, byte[]? body = null)
    {
        try
        {
            using var request = new HttpRequestMessage(method, $"{AdminApi.Prefix}/{path}");
            if (body is not null) request.Content = new ByteArrayContent(body);
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotFound) return response;
            response.Dispose();
            throw new CommandFailure($"the server answered {(int)response.StatusCode}");
        }
        catch (HttpRequestException e)
        {
            throw new CommandFailure($"the server does not answer on {socketPath}: {e.InnerException?.Message ?? e.Message}; is it running, and may you open its socket?");
        }
    }
}
