using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace MailServer.Domain.Access;

/// <summary>When and from where an app password may be used.</summary>
/// <param name="ExpiresAt">The end of its validity; null if it does not expire.</param>
/// <param name="Networks">The networks from which it may be used; none for all.</param>
public sealed record AppPasswordLimits(DateTimeOffset? ExpiresAt, IReadOnlyList<IPNetwork> Networks)
{
    /// <summary>The most networks of a password.</summary>
    public const int MostNetworks = 20;

    private static readonly char[] Separators = [',', ' ', ';', '\t', '\r', '\n'];

    /// <summary>Valid for ever and from everywhere.</summary>
    public static AppPasswordLimits None { get; } = new(null, []);

    /// <summary>Whether a client with this address may use the password.</summary>
    public bool Allows(IPAddress client)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (client.IsIPv4MappedToIPv6) client = client.MapToIPv4();
        return Networks.Count == 0 || Networks.Any(n => n.Contains(client));
    }

    /// <summary>The networks as text, as <see cref="TryParseNetworks"/> reads them.</summary>
    public string NetworksText => string.Join(", ", Networks);

    /// <summary>Reads a list of addresses and networks such as <c>192.0.2.7, 2001:db8::/32</c>. An empty text is an empty list.</summary>
    /// <param name="text">The list.</param>
    /// <param name="networks">The networks; null if the text is not a list of at most <see cref="MostNetworks"/>.</param>
    public static bool TryParseNetworks(string text, [NotNullWhen(true)] out IReadOnlyList<IPNetwork>? networks)
    {
        ArgumentNullException.ThrowIfNull(text);
        networks = null;
        var found = new List<IPNetwork>();
        foreach (var part in text.Split(Separators, StringSplitOptions.RemoveEmptyEntries))
        {
            if (found.Count == MostNetworks || !TryParse(part, out var network)) return false;
            found.Add(network);
        }

        networks = found;
        return true;
    }

    private static bool TryParse(string text, out IPNetwork network)
    {
        if (text.Contains('/', StringComparison.Ordinal)) return IPNetwork.TryParse(text, out network);
        network = default;
        // Short forms such as 10.1 are likely mistakes.
        if (!IPAddress.TryParse(text, out var address) || !(text.Contains(':', StringComparison.Ordinal) || text.AsSpan().Count('.') == 3)) return false;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }
}
