using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Dns;

namespace MailServer.Actors.Queue;

/// <summary>The mail exchangers of a domain in order of preference (RFC 5321 §5.1), or the reason why there are none.</summary>
internal sealed record MailRoute(IReadOnlyList<string> Hosts, SmtpReply? Refusal)
{
    private static readonly SmtpReply NullMx = new(556, "5.1.10", "The domain does not accept mail (null MX)");
    private static readonly SmtpReply NoDomain = new(550, "5.1.2", "The domain does not exist");
    private static readonly SmtpReply Loop = new(554, "5.4.6", "The domain's best mail exchanger is this host, which does not host the domain");

    /// <summary>True when DNSSEC authenticates the list of hosts, apart from their addresses (RFC 7672 §2.2.1).</summary>
    public bool IsSecure { get; private init; }

    public static async Task<MailRoute> FindAsync(string domain, string ourName, IDnsLookup dns, int most, CancellationToken cancel)
    {
        if (domain[0] == '[') return new MailRoute([LiteralOf(domain)], null);
        switch (await dns.LookupMxAsync(domain, cancel))
        {
            case DnsAnswer<MailExchange>.TemporaryFailure failure:
                return Refuse(new SmtpReply(451, "4.4.3", $"DNS: {failure.Reason}"));
            case DnsAnswer<MailExchange>.NoRecords { NameExists: false }:
                return Refuse(NoDomain);
            case DnsAnswer<MailExchange>.RecordsFound found:
                return Order(found.Values, ourName, most) with { IsSecure = found.IsSecure };
            default:
                // Without MX records the domain itself is the host (implicit MX).
                return IsSame(domain, ourName) ? Refuse(Loop) : new MailRoute([domain], null) { IsSecure = true };
        }
    }

    private static MailRoute Order(IReadOnlyList<MailExchange> exchanges, string ourName, int most)
    {
        // RFC 7505 §3: a null MX must be the only record; beside others it is ignored.
        var hosts = exchanges.Where(static e => !e.IsNull).ToArray();
        if (hosts.Length == 0) return Refuse(NullMx);
        // If this server is one of the exchangers, only better-preferred ones are used; others would send the message back.
        var ours = hosts.Where(e => IsSame(e.Host, ourName)).Select(static e => e.Preference).DefaultIfEmpty(int.MaxValue).Min();
        Random.Shared.Shuffle(hosts);
        var usable = hosts.Where(e => e.Preference < ours).OrderBy(static e => e.Preference).Select(static e => e.Host).Distinct(StringComparer.OrdinalIgnoreCase).Take(most).ToArray();
        return usable.Length == 0 ? Refuse(Loop) : new MailRoute(usable, null);
    }

    private static MailRoute Refuse(SmtpReply reply) => new([], reply);

    private static bool IsSame(string host, string ourName) =>
        EmailAddress.TryNormalizeDomain(host, out var a) && EmailAddress.TryNormalizeDomain(ourName, out var b) && a == b;

    // RFC 5321 §4.1.3
    private static string LiteralOf(string domain)
    {
        const string version6 = "ipv6:";
        var literal = domain[1..^1];
        return literal.StartsWith(version6, StringComparison.Ordinal) ? literal[version6.Length..] : literal;
    }
}
