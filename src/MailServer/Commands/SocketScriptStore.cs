using MailServer.Common;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary>Works through the admin socket of the running server.</summary>
internal sealed class SocketScriptStore(string socketPath) : IScriptStore
{
    private readonly AdminClient _server = new(socketPath);

    public Task<ScriptListDocument> ListAsync(string account, CancellationToken cancel) => _server.GetAsync<ScriptListDocument>($"sieve?{Query(account)}", cancel);

    public async Task<byte[]> ReadAsync(string account, string name, CancellationToken cancel) => (await _server.GetAsync<ScriptTextDocument>($"sieve/script?{Query(account, name)}", cancel)).Text;

    public Task PutAsync(string account, string name, byte[] text, CancellationToken cancel) =>
        _server.RequestAsync<ScriptChangedDocument>(HttpMethod.Put, $"sieve/script?{Query(account, name)}", cancel, text);

    public Task DeleteAsync(string account, string name, CancellationToken cancel) =>
        _server.RequestAsync<ScriptChangedDocument>(HttpMethod.Delete, $"sieve/script?{Query(account, name)}", cancel);

    public Task ActivateAsync(string account, string? name, CancellationToken cancel) =>
        _server.RequestAsync<ScriptChangedDocument>(name is null ? HttpMethod.Delete : HttpMethod.Put, $"sieve/active?{Query(account, name ?? "")}", cancel);

    public Task<ScriptTestDocument> TestAsync(string account, string? name, byte[] message, string from, string to, CancellationToken cancel) => _server.PostAsync<ScriptTestDocument>(
        $"sieve/test?{Query(account, name ?? "")}&from={Uri.EscapeDataString(from)}&to={Uri.EscapeDataString(to)}", message, cancel);

    public void Dispose() => _server.Dispose();

    private static string Query(string account, string name = "") => $"account={Uri.EscapeDataString(account)}&name={Uri.EscapeDataString(name)}";
}
