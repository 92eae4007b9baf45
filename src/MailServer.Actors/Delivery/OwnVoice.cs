using MailServer.Domain.Accounts;
using MailServer.Protocol.MessageAuthentication.AuthenticationResults;

namespace MailServer.Actors.Delivery;

/// <summary>
/// Takes out of every message that enters, from wherever and whatever is checked, the fields in which it speaks in this server's name. Its names are the
/// host name, the hosted domains, and hosts directly below those: readers trust results of any of them.
/// </summary>
internal sealed class OwnVoice(string hostname, IDirectory directory)
{
    // Each name costs a look at the directory. A message that has passed more servers that say so has not been seen.
    private const int MostServers = 20;

    private readonly string _hostname = ReportedResults.Normalize(hostname);

    /// <summary>The header section as it may be stored; null when it may stay as it is.</summary>
    public async ValueTask<byte[]?> CleanAsync(byte[] header, CancellationToken cancel)
    {
        var servers = ClaimedFields.Servers(header);
        if (servers.Count > MostServers) return ClaimedFields.Remove(header, servers);
        var ours = new HashSet<string>(StringComparer.Ordinal);
        foreach (var server in servers)
            if (await IsOursAsync(server, cancel)) ours.Add(server);
        return ClaimedFields.Remove(header, ours);
    }

    private async ValueTask<bool> IsOursAsync(string server, CancellationToken cancel)
    {
        if (server == _hostname || await directory.IsHostedAsync(server, cancel)) return true;
        return server.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot && await directory.IsHostedAsync(server[(dot + 1)..], cancel);
    }
}
