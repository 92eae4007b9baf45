using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using MailServer.Common;
using MailServer.Network.Outbound;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary>Works through the admin socket of the running server.</summary>
internal sealed class SocketScriptStore(string socketPath) : IScriptStore
{
    private readonly HttpClient _http = UnixSocketHttpClient.Create(socketPath);

    public Task<ScriptListDocument> ListAsync(string account, CancellationToken cancel) => AskAsync<ScriptListDocument>(HttpMethod.Get, Url("sieve", account), cancel);

    public async Task<byte[]> ReadAsync(string account, string name, CancellationToken cancel) => (await AskAsync<ScriptTextDocument>(HttpMethod.Get, Url("sieve/script", account, name), cancel)).Text;

    public Task PutAsync(string account, string name, byte[] text, CancellationToken cancel) => ChangeAsync(HttpMethod.Put, Url("sieve/script", account, name), cancel, text);

    public Task DeleteAsync(string account, string name, CancellationToken cancel) => ChangeAsync(HttpMethod.Delete, Url("sieve/script", account, name), cancel);

    public Task RenameAsync(string account, string name, string newName, CancellationToken cancel) =>
        ChangeAsync(HttpMethod.Put, $"{Url("sieve/name", account, name)}&to={Uri.EscapeDataString(newName)}", cancel);

    public Task<bool> ActivateAsync(string account, string? name, CancellationToken cancel) =>
        ChangeAsync(name is null ? HttpMethod.Delete : HttpMethod.Put, Url("sieve/active", account, name ?? ""), cancel);

    public Task<ScriptTestDocument> TestAsync(string account, string? name, byte[] message, string from, string to, CancellationToken cancel) => AskAsync<ScriptTestDocument>(
        HttpMethod.Post, $"{Url("sieve/test", account, name ?? "")}&from={Uri.EscapeDataString(from)}&to={Uri.EscapeDataString(to)}", cancel, message);

    public void Dispose() => _http.Dispose();

    private static string Url(string path, string account, string name = "") => $"{AdminApi.Prefix}/{path}?account={Uri.EscapeDataString(account)}&name={Uri.EscapeDataString(name)}";

    private async Task<bool> ChangeAsync(HttpMethod method, string url, CancellationToken cancel, byte[]? body = null) => (await AskAsync<ScriptChangedDocument>(method, url, cancel, body)).Changed;

    private async Task<T> AskAsync<T>(HttpMethod method, string url, CancellationToken cancel, byte[]? body = null)
    {
        using var request = new HttpRequestMessage(method, url) { Content = body is null ? null : new ByteArrayContent(body) };
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        if (response.IsSuccessStatusCode)
            return await response.Content.ReadFromJsonAsync((JsonTypeInfo<T>)ScriptJson.Default.GetTypeInfo(typeof(T))!, cancel) ?? throw new CommandFailure("the server returned an empty response");
        var reason = await response.Content.ReadAsStringAsync(cancel);
        throw new CommandFailure(reason.Length > 0 ? reason : $"the server answered {(int)response.StatusCode}");
    }
}
