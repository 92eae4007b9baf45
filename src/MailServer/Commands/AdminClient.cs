using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using MailServer.Network.Outbound;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary>Asks the running server over its admin socket; says plainly when there is none.</summary>
internal sealed class AdminClient(string socketPath) : IDisposable
{
    private readonly HttpClient _http = LocalSocketClient.Create(socketPath);

    public async Task<T> GetAsync<T>(string path, CancellationToken cancel) =>
        await AskAsync<T>(HttpMethod.Get, path, cancel) ?? throw new CommandFailure($"the server knows no '{path}': is it of another version?");

    /// <summary>Null when what the path names does not exist.</summary>
    public async Task<T?> AskAsync<T>(HttpMethod method, string path, CancellationToken cancel)
    {
        using var response = await SendAsync(method, path, cancel);
        if (!response.IsSuccessStatusCode) return default;
        return await response.Content.ReadFromJsonAsync((JsonTypeInfo<T>)AdminJson.Default.GetTypeInfo(typeof(T))!, cancel)
            ?? throw new CommandFailure("the server gave an empty answer");
    }

    /// <summary>False when what the path names does not exist.</summary>
    public async Task<bool> ChangeAsync(HttpMethod method, string path, CancellationToken cancel)
    {
        using var response = await SendAsync(method, path, cancel);
        return response.StatusCode != HttpStatusCode.NotFound;
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(method, $"{AdminApi.Prefix}/{path}");
            var response = await _http.SendAsync(request, cancel);
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
