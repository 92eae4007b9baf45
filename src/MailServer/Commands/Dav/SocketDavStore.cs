using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using MailServer.Common;
using MailServer.Domain.Collections;
using MailServer.Network.Outbound;
using MailServer.Protocol.Dav.Import;
using MailServer.Web.Admin;

namespace MailServer.Commands.Dav;

/// <summary>Works through the admin socket of the running server.</summary>
internal sealed class SocketDavStore(string socketPath) : IDavStore
{
    private readonly HttpClient _http = UnixSocketHttpClient.Create(socketPath);

    /// <summary>Whether a server answers on the socket.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancel)
    {
        if (!File.Exists(socketPath)) return false;
        try
        {
            using var response = await _http.GetAsync($"{AdminApi.Prefix}/dav", cancel);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public Task<IReadOnlyList<CollectionDocument>> ListAsync(string account, CancellationToken cancel) =>
        AskAsync<IReadOnlyList<CollectionDocument>>(HttpMethod.Get, Url("dav", account), null, cancel);

    public async Task ExportAsync(string account, string collection, Stream output, CancellationToken cancel)
    {
        using var response = await SendAsync(HttpMethod.Get, Url("dav/export", account, collection), null, cancel);
        await response.Content.CopyToAsync(output, cancel);
    }

    public Task<DavImportDocument> ImportAsync(string account, string collection, IReadOnlyList<ImportEntry> batch, CancellationToken cancel) =>
        AskAsync<DavImportDocument>(HttpMethod.Post, Url("dav/import", account, collection), JsonContent.Create([.. batch.Select(ImportEntryDocument.Of)], DavJson.Default.IReadOnlyListImportEntryDocument), cancel);

    public async Task<bool> ShareAsync(string account, string collection, string guest, CollectionAccess access, CancellationToken cancel)
    {
        var url = $"{Url("dav/share", account, collection)}&with={Uri.EscapeDataString(guest)}&access={access}";
        return (await AskAsync<ShareDocument>(HttpMethod.Post, url, null, cancel)).Changed;
    }

    public async Task<string> LinkAsync(string account, string collection, CancellationToken cancel) =>
        (await AskAsync<SecretLinkDocument>(HttpMethod.Post, Url("dav/link", account, collection), null, cancel)).Path;

    public async Task UnlinkAsync(string account, string collection, CancellationToken cancel)
    {
        using var response = await SendAsync(HttpMethod.Delete, Url("dav/link", account, collection), null, cancel);
    }

    public void Dispose() => _http.Dispose();

    private static string Url(string path, string account, string? collection = null) =>
        $"{AdminApi.Prefix}/{path}?account={Uri.EscapeDataString(account)}" + (collection is null ? "" : $"&collection={Uri.EscapeDataString(collection)}");

    private async Task<T> AskAsync<T>(HttpMethod method, string url, HttpContent? content, CancellationToken cancel)
    {
        using var response = await SendAsync(method, url, content, cancel);
        return await response.Content.ReadFromJsonAsync((JsonTypeInfo<T>)DavJson.Default.GetTypeInfo(typeof(T))!, cancel) ?? throw new CommandFailure("the server returned an empty response");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string url, HttpContent? content, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, url) { Content = content };
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        if (response.IsSuccessStatusCode) return response;
        using (response)
        {
            var reason = await response.Content.ReadAsStringAsync(cancel);
            throw new CommandFailure(reason.Length > 0 ? reason : $"the server answered {(int)response.StatusCode}");
        }
    }
}
