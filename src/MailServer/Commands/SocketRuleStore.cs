using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using MailServer.Common;
using MailServer.Network.Outbound;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary>Works through the admin socket of the running server.</summary>
internal sealed class SocketRuleStore(string socketPath) : IRuleStore
{
    private readonly HttpClient _http = UnixSocketHttpClient.Create(socketPath);

    public Task<RulesDocument> ReadAsync(string account, CancellationToken cancel) => AskAsync<RulesDocument>(HttpMethod.Get, Url("rules", account), null, cancel);

    public Task<RulesChangedDocument> AddAsync(string account, RuleDocument rule, int? position, CancellationToken cancel) =>
        ChangeAsync(HttpMethod.Post, Url("rules", account, ("position", Text(position))), cancel, JsonContent.Create(rule, RuleJson.Default.RuleDocument));

    public Task<RulesChangedDocument> SetAsync(string account, int number, RuleDocument rule, CancellationToken cancel) =>
        ChangeAsync(HttpMethod.Put, Url("rules/rule", account, ("number", Text(number))), cancel, JsonContent.Create(rule, RuleJson.Default.RuleDocument));

    public Task<RulesChangedDocument> EnableAsync(string account, int number, bool isEnabled, CancellationToken cancel) =>
        ChangeAsync(HttpMethod.Put, Url("rules/enabled", account, ("number", Text(number)), ("value", Text(isEnabled))), cancel);

    public Task<RulesChangedDocument> RemoveAsync(string account, int number, CancellationToken cancel) => ChangeAsync(HttpMethod.Delete, Url("rules/rule", account, ("number", Text(number))), cancel);

    public Task<RulesChangedDocument> MoveAsync(string account, int number, int position, CancellationToken cancel) =>
        ChangeAsync(HttpMethod.Put, Url("rules/position", account, ("number", Text(number)), ("position", Text(position))), cancel);

    public Task<RulesChangedDocument> ActivateAsync(string account, bool? includes, CancellationToken cancel) =>
        ChangeAsync(HttpMethod.Put, Url("rules/active", account, ("include", includes is { } flag ? Text(flag) : "")), cancel);

    public Task<RulesChangedDocument> IncludeAsync(string account, string? name, CancellationToken cancel) => ChangeAsync(HttpMethod.Put, Url("rules/included", account, ("name", name ?? "")), cancel);

    public Task<RulesChangedDocument> ReplaceAsync(string account, CancellationToken cancel) => ChangeAsync(HttpMethod.Post, Url("rules/replace", account), cancel);

    public Task<RulesChangedDocument> SetOutOfOfficeAsync(string account, OutOfOfficeDocument absence, CancellationToken cancel) =>
        ChangeAsync(HttpMethod.Put, Url("out-of-office", account), cancel, JsonContent.Create(absence, RuleJson.Default.OutOfOfficeDocument));

    public Task<RulesChangedDocument> EndOutOfOfficeAsync(string account, CancellationToken cancel) => ChangeAsync(HttpMethod.Delete, Url("out-of-office", account), cancel);

    /// <summary>Runs the rules, or one of them, on a folder.</summary>
    public Task<FolderRunDocument> RunAsync(string account, string folder, int? number, int? days, bool applies, CancellationToken cancel) => AskAsync<FolderRunDocument>(
        HttpMethod.Post, Url("rules/run", account, ("folder", folder), ("number", Text(number)), ("days", Text(days)), ("apply", Text(applies))), null, cancel);

    /// <summary>Runs a script on a folder.</summary>
    public Task<FolderRunDocument> RunScriptAsync(string account, string folder, string? name, int? days, bool applies, CancellationToken cancel) => AskAsync<FolderRunDocument>(
        HttpMethod.Post, Url("sieve/run", account, ("folder", folder), ("name", name ?? ""), ("days", Text(days)), ("dry_run", Text(!applies))), null, cancel);

    /// <summary>Sends a code to an address.</summary>
    public Task<RulesChangedDocument> AskForwardingAsync(string account, string address, CancellationToken cancel) => ChangeAsync(HttpMethod.Post, Url("forwarding/ask", account, ("to", address)), cancel);

    /// <summary>Takes a code.</summary>
    public Task<RulesChangedDocument> ConfirmForwardingAsync(string account, string code, CancellationToken cancel) => ChangeAsync(HttpMethod.Post, Url("forwarding/confirm", account, ("code", code)), cancel);

    /// <summary>Forwards all mail to an address; empty: to nobody.</summary>
    public Task<RulesChangedDocument> SetForwardingAsync(string account, string address, bool keepsCopy, CancellationToken cancel) =>
        ChangeAsync(HttpMethod.Put, Url("forwarding", account, ("to", address), ("copy", Text(keepsCopy))), cancel);

    /// <summary>Removes an address.</summary>
    public Task<RulesChangedDocument> ForgetForwardingAsync(string account, string address, CancellationToken cancel) => ChangeAsync(HttpMethod.Delete, Url("forwarding/address", account, ("to", address)), cancel);

    public void Dispose() => _http.Dispose();

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string Text(bool flag) => flag ? "true" : "false";

    private static string Url(string path, string account, params ReadOnlySpan<(string Name, string Value)> query)
    {
        var url = $"{AdminApi.Prefix}/{path}?account={Uri.EscapeDataString(account)}";
        foreach (var (name, value) in query)
            if (value.Length > 0) url += $"&{name}={Uri.EscapeDataString(value)}";
        return url;
    }

    private Task<RulesChangedDocument> ChangeAsync(HttpMethod method, string url, CancellationToken cancel, HttpContent? body = null) => AskAsync<RulesChangedDocument>(method, url, body, cancel);

    private async Task<T> AskAsync<T>(HttpMethod method, string url, HttpContent? body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, url) { Content = body };
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        if (response.IsSuccessStatusCode)
            return await response.Content.ReadFromJsonAsync((JsonTypeInfo<T>)RuleJson.Default.GetTypeInfo(typeof(T))!, cancel) ?? throw new CommandFailure("the server returned an empty response");
        var reason = await response.Content.ReadAsStringAsync(cancel);
        throw new CommandFailure(reason.Length > 0 ? reason : $"the server answered {(int)response.StatusCode}");
    }
}
