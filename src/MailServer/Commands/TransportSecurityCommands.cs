using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using MailServer.Common;
using MailServer.Domain;
using MailServer.Domain.Dns;
using MailServer.Domain.Formatting;
using MailServer.Domain.TransportSecurity;
using MailServer.Network.Certificates;
using MailServer.Network.Dns;
using MailServer.Network.MtaSts;
using MailServer.Network.Outbound;
using MailServer.Network.Tls;
using MailServer.Protocol.TransportSecurity;
using MailServer.Storage.MtaSts;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Commands;

/// <summary><c>mta-sts show DOMAIN</c> and <c>dane show DOMAIN</c>: the transport security of another domain and its effect on each of its mail servers.</summary>
internal static class TransportSecurityCommands
{
    public static Command CreateMtaSts(CommandFactory factory) => CommandFactory.Group("mta-sts", "Show a domain's MTA-STS policy.", ShowMtaSts(factory));

    public static Command CreateDane(CommandFactory factory) => CommandFactory.Group("dane", "Show the TLSA records of a domain's mail servers (DANE).", ShowDane(factory));

    private static Command ShowMtaSts(CommandFactory factory)
    {
        var name = new Argument<string>("DOMAIN") { Description = "The domain that mail goes to." };
        return factory.Action(
            "show", "Fetch a domain's MTA-STS policy, print each step, and show which of its mail servers the policy allows.",
            ["mta-sts show example.org"], [name, factory.Json], async (context, cancel) =>
            {
                var domain = CommandContext.Domain(context.Get(name));
                var options = context.Options;
                var resolver = OpenResolver(context);
                using var fetcher = new PolicyFetcher(resolver, Limits.Default, new AddressRule(new OwnAddresses(resolver, [options.Server.Hostname], context.Shell.Time), options.Delivery.PrivateHosts), Roots(options.Tls.ExtraCaFile), options.Delivery.MtaStsPort);
                using var policies = new MtaStsPolicies(resolver, fetcher, new NullMtaStsCache(), Limits.Default, context.Shell.Time, NullLogger<MtaStsPolicies>.Instance);
                var answer = await policies.FindAsync(domain, cancel);
                var steps = answer.Steps.Concat(await HostsAsync(resolver, domain, answer.Policy, cancel)).Concat(Kept(context, domain));
                var reason = answer.Failure ?? (answer.Policy is null ? "the domain has no policy" : "the policy was fetched");
                return VerificationContext.Report(context, answer.Policy is { } policy ? VerificationContext.Name(policy.Mode) : "none", domain, reason, steps);
            });
    }

    private static Command ShowDane(CommandFactory factory)
    {
        var name = new Argument<string>("DOMAIN") { Description = "The domain that mail goes to." };
        return factory.Action(
            "show", "Look up the TLSA records of a domain's mail servers and show which of them are usable.",
            ["dane show example.org"], [name, factory.Json], async (context, cancel) =>
            {
                var domain = CommandContext.Domain(context.Get(name));
                var resolver = OpenResolver(context);
                var (hosts, isSecure) = await ExchangersAsync(resolver, domain, cancel);
                var lookup = new DaneLookup(resolver);
                var steps = new List<string>();
                var found = 0;
                foreach (var host in hosts)
                {
                    var answer = await lookup.FindAsync(host, context.Options.Delivery.SmtpPort, isSecure, cancel);
                    if (answer is DaneLookupResult.RecordsFound) found++;
                    steps.AddRange(Describe(host, answer));
                }

                var result = found == 0 ? "none" : found == hosts.Count ? "all" : "some";
                return VerificationContext.Report(context, result, domain, $"{found} of {Quantity.Of(hosts.Count, "mail server")} with TLSA records", steps);
            });
    }

    private static Resolver OpenResolver(CommandContext context) => new(context.Options.Dns.Servers, trusted: context.Options.Dns.TrustAd);

    private static X509Certificate2Collection? Roots(string? file)
    {
        try
        {
            return TrustedRoots.WithFile(file);
        }
        catch (CertificateException e)
        {
            throw new CommandFailure(e.Message);
        }
    }

    private static async Task<(IReadOnlyList<string> Hosts, bool IsSecure)> ExchangersAsync(Resolver resolver, string domain, CancellationToken cancel) =>
        await resolver.LookupMxAsync(domain, cancel) switch
        {
            DnsAnswer<MailExchange>.RecordsFound found => ([.. found.Values.Where(static e => !e.IsNull).OrderBy(static e => e.Preference).Select(static e => e.Host)], found.IsSecure),
            DnsAnswer<MailExchange>.NoRecords { NameExists: true } => ([domain], true),
            DnsAnswer<MailExchange>.TemporaryFailure failure => throw new CommandFailure($"DNS: {failure.Reason}"),
            _ => throw new CommandFailure($"{domain} does not exist"),
        };

    private static async Task<IEnumerable<string>> HostsAsync(Resolver resolver, string domain, MtaStsPolicy? policy, CancellationToken cancel)
    {
        if (policy is null or { Mode: MtaStsMode.None }) return [];
        var (hosts, _) = await ExchangersAsync(resolver, domain, cancel);
        return hosts.Select(host => $"mail server {host}: {(policy.Allows(host) ? "allowed" : "not allowed")}");
    }

    private static IEnumerable<string> Kept(CommandContext context, string domain)
    {
        var path = context.Options.Storage.MtaStsPath;
        if (!File.Exists(path)) return [];
        using var cache = MtaStsCache.Open(path, Limits.Default.MtaStsPolicies);
        return cache.Find(domain) is { } kept
            ? [$"cached by the server: id {kept.Id}, mode {VerificationContext.Name(kept.Policy.Mode)}, fetched {UtcText.Of(kept.FetchedAt)}, valid until {UtcText.Of(kept.Expires)}"]
            : ["the server has no cached policy of this domain"];
    }

    private static IEnumerable<string> Describe(string host, DaneLookupResult answer) => answer switch
    {
        DaneLookupResult.RecordsFound found => found.Records.Select(r => $"{host}: {r}{(r.IsUsable ? "" : " (unusable)")}"),
        DaneLookupResult.LookupFailed failed => [$"{host}: delivery deferred: {failed.Reason}"],
        DaneLookupResult.NotApplicable not => [$"{host}: {not.Reason}"],
        _ => [],
    };

    /// <summary>A cache that stores nothing, so that each run fetches the policy.</summary>
    private sealed class NullMtaStsCache : IMtaStsCache
    {
        public CachedMtaStsPolicy? Find(string domain) => null;

        public void Put(CachedMtaStsPolicy entry) { }

        public IReadOnlyList<CachedMtaStsPolicy> FindStale(DateTimeOffset fetchedBefore, DateTimeOffset askedAfter, int most) => [];
    }
}
