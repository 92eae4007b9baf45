using MailServer.Domain.Accounts;
using MailServer.Protocol.MessageAuthentication.AuthenticationResults;

namespace MailServer.Actors.Delivery;

/// <summary>
/// Removes forged Authentication-Results from every incoming message: the fields that claim this server's identity, which readers would trust. Its names
/// are the host name, the hosted domains, and hosts directly below them.
/// </summary>
internal sealed class ForgedResultsFilter(string hostname, IDirectory directory)
{
    // Each name costs a directory lookup. No legitimate message carries results of more servers.
    private const int MostServers = 20;

    private readonly string _hostname = AuthenticationResultsReader.Normalize(hostname);

    /// <summary>The header section to store; null when it needs no change.</summary>
    public async ValueTask<byte[]?> CleanAsync(byte[] header, CancellationToken cancel)
    {
        var servers = ReservedHeaderFields.FindAuthservIds(header);
        if (servers.Count > MostServers) return ReservedHeaderFields.Remove(header, servers);
        var ours = new HashSet<string>(StringComparer.Ordinal);
        foreach (var server in servers)
            if (await IsOursAsync(server, cancel)) ours.Add(server);
        return ReservedHeaderFields.Remove(header, ours);
    }

    private async ValueTask<bool> IsOursAsync(string server, CancellationToken cancel)
    {
        if (server == _hostname || await directory.IsHostedAsync(server, cancel)) return true;
        return server.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot && await directory.IsHostedAsync(server[(dot + 1)..], cancel);
    }
}
